//! The table of error codes: stable string, HTTP status, Spanish message.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

// `tt` where a name of the wire stands: of a `literal`, which comes wrapped, the derive that describes
// the type sees nothing, and describes the variant's name instead.
macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $code:tt, $status:literal, $message:literal;)+) => {
        /// Why something failed. The string never changes once it has been published.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $code)] $variant),+
        }

        impl ErrorCode {
            /// Every code there is.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The stable string on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The HTTP status where the whole request fails with it.
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }

            /// What a person reads, in Spanish.
            pub fn message(self) -> &'static str {
                match self { $(Self::$variant => $message),+ }
            }
        }

        impl FromStr for ErrorCode {
            type Err = UnknownErrorCode;

            fn from_str(text: &str) -> Result<Self, UnknownErrorCode> {
                match text { $($code => Ok(Self::$variant),)+ _ => Err(UnknownErrorCode) }
            }
        }
    };
}

codes! {
    // The request as a whole.
    /// Body or parameters are not of the route's form.
    InvalidRequest = "invalid_request", 400, "La solicitud no tiene la forma esperada.";
    /// The body is no JSON.
    InvalidJson = "invalid_json", 400, "El cuerpo de la solicitud no es JSON válido.";
    /// No operations, or more than fifty.
    InvalidBatchSize = "invalid_batch_size", 400, "Un lote lleva de 1 a 50 operaciones.";
    /// `since` is no cursor.
    InvalidCursor = "invalid_cursor", 400, "El cursor no es válido.";
    /// The cursor is of another epoch, below the floor or beyond the head.
    CursorExpired = "cursor_expired", 410, "El cursor ya no sirve: pide una copia completa.";
    /// More bytes than any valid request has.
    PayloadTooLarge = "payload_too_large", 413, "La solicitud es demasiado grande.";
    /// No such path.
    RouteNotFound = "route_not_found", 404, "Esta dirección no existe.";
    /// The path has no such method.
    MethodNotAllowed = "method_not_allowed", 405, "Este método no existe en esta dirección.";
    /// The app is older than what the server still understands.
    ClientTooOld = "client_too_old", 426, "Actualiza la aplicación para continuar.";
    /// `If-Match` is no version.
    InvalidIfMatch = "invalid_if_match", 400, "La versión de If-Match no es válida.";

    // Who asks.
    /// No token.
    MissingToken = "missing_token", 401, "Falta iniciar sesión.";
    /// A token that we did not sign, or that says too little.
    InvalidToken = "invalid_token", 401, "La sesión no es válida: vuelve a ingresar.";
    /// A token whose time is over.
    TokenExpired = "token_expired", 401, "La sesión venció.";
    /// The user was deactivated.
    UserInactive = "user_inactive", 401, "Este usuario está desactivado.";
    /// E-mail or password are wrong; which, is not said.
    InvalidCredentials = "invalid_credentials", 401, "Correo o contraseña incorrectos.";
    /// The refresh token is unknown, used up, revoked or over.
    InvalidRefreshToken = "invalid_refresh_token", 401, "La sesión terminó: vuelve a ingresar.";
    /// The caller's own password is asked for, and was not sent or is wrong.
    PasswordRequired = "password_required", 403, "Para esto se pide tu propia contraseña. Si no ves dónde escribirla, actualiza la aplicación.";
    /// The role may not do this.
    Forbidden = "forbidden", 403, "No tienes permiso para hacer esto.";
    /// Too many wrong passwords.
    TooManyAttempts = "too_many_attempts", 429, "Demasiados intentos: espera un momento.";
    /// The e-mail belongs to a user already.
    EmailTaken = "email_taken", 409, "Ya existe un usuario con este correo.";
    /// The e-mail is none.
    InvalidEmail = "invalid_email", 422, "El correo no es válido.";
    /// The password is too short or too long.
    InvalidPassword = "invalid_password", 422, "La contraseña debe tener de 8 a 128 caracteres.";

    // The server.
    /// Our fault.
    Internal = "internal", 500, "Ocurrió un error en el servidor.";
    /// A change is missing at or below the head.
    FeedGap = "feed_gap", 500, "Falta un cambio en el servidor: ya fue avisado.";
    /// The store or a part of it does not answer.
    Unavailable = "unavailable", 503, "El servicio no está disponible: se intentará de nuevo.";
    /// The business's feed is being rebuilt after a restore.
    Rebuilding = "rebuilding", 503, "Los datos se están restaurando: se intentará de nuevo.";
    /// Token and tenant at the edge do not agree.
    TenantMismatch = "tenant_mismatch", 503, "El servicio no está disponible: se intentará de nuevo.";

    // One operation, its form.
    /// An element of a batch that is no operation.
    MalformedOperation = "malformed_operation", 400, "La operación no tiene la forma esperada.";
    /// No such entity.
    UnknownEntity = "unknown_entity", 400, "Este tipo de registro no existe.";
    /// No such action, or not for this entity.
    UnknownAction = "unknown_action", 400, "Esta acción no existe para este registro.";
    /// An identifier that is none.
    InvalidId = "invalid_id", 400, "Un identificador no es válido.";
    /// A moment that is none.
    InvalidTimestamp = "invalid_timestamp", 400, "Una fecha y hora no es válida.";
    /// The entity is not written through a batch.
    ReadOnlyEntity = "read_only_entity", 403, "Este registro no se puede modificar desde el teléfono.";

    // One operation, its meaning.
    /// A field of the payload is wrong; the message names it.
    InvalidField = "invalid_field", 422, "Un dato no es válido.";
    /// A required field is absent.
    MissingField = "missing_field", 422, "Falta un dato obligatorio.";
    /// An amount or weight is no exact decimal of its kind.
    InvalidAmount = "invalid_amount", 422, "Un monto o peso no es válido.";
    /// A date does not exist.
    InvalidDate = "invalid_date", 422, "Una fecha no es válida.";
    /// A sale without items.
    SaleWithoutItems = "sale_without_items", 422, "La venta no tiene productos.";
    /// More items than a sale or a load may have.
    TooManyItems = "too_many_items", 422, "Son demasiados productos: el máximo es 50.";
    /// The figures of a sale do not add up.
    TotalMismatch = "total_mismatch", 422, "Los montos de la venta no cuadran.";
    /// A credit sale without a customer.
    CustomerRequired = "customer_required", 422, "La venta al crédito necesita un cliente.";
    /// More paid than the sale's total.
    OverPaid = "over_paid", 422, "Lo pagado supera el total de la venta.";
    /// The record would be larger than is kept.
    RecordTooLarge = "record_too_large", 422, "El registro es demasiado grande.";
    /// The id belongs to another record already.
    AlreadyExists = "already_exists", 409, "Ya existe un registro con este identificador.";
    /// The operation id was used for something else.
    OperationIdReused = "operation_id_reused", 409, "El identificador de la operación ya fue usado para otra cosa.";
    /// The record is deleted and stays so.
    Deleted = "deleted", 409, "El registro fue eliminado.";
    /// The product has a variant of that name already.
    NameTaken = "name_taken", 409, "Ya existe una presentación con este nombre.";
    /// The seller has a load for that day already.
    DistribucionExists = "distribucion_exists", 409, "El vendedor ya tiene una distribución para ese día.";
    /// The load is closed for good.
    DistribucionClosed = "distribucion_closed", 409, "La distribución ya está cerrada.";
    /// The seller's day is settled already.
    ClosingExists = "closing_exists", 409, "El día ya está cerrado.";
    /// A closing too far back, in the future, or without its reason.
    ClosingNotAllowed = "closing_not_allowed", 422, "No se puede cerrar ese día.";
    /// Done after the user was deactivated.
    AfterDeactivation = "after_deactivation", 403, "La operación es posterior a la desactivación del usuario.";

    // One operation, waiting.
    /// The record is not there, or not yet.
    RecordNotFound = "record_not_found", 404, "El registro no existe o todavía no ha llegado.";
    /// A record that this one names is not there, or not yet.
    MissingReference = "missing_reference", 409, "Depende de un registro que todavía no ha llegado.";
    /// An earlier operation of the batch that it needs has failed.
    EarlierFailed = "earlier_failed", 409, "Espera a otra operación que falló.";
    /// Others wrote the same records at the same moment.
    Contention = "contention", 503, "Otros están escribiendo lo mismo: se intentará de nuevo.";
}

impl ErrorCode {
    /// What a person reads of a refusal: what the server said, or the words of its code where it
    /// said nothing.
    pub fn words<'a>(code: Option<&str>, said: Option<&'a str>) -> Option<&'a str> {
        said.filter(|said| !said.trim().is_empty())
            .or_else(|| code?.parse().ok().map(Self::message))
    }
}

/// No code is written like this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown error code")]
pub struct UnknownErrorCode;

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_is_unique_and_read_back() {
        let codes: BTreeSet<&str> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes.len(), ErrorCode::ALL.len());
        for code in ErrorCode::ALL {
            assert_eq!(code.as_str().parse(), Ok(*code));
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
            assert!((400..=599).contains(&code.status()), "{code}");
            assert!(code.message().ends_with('.'), "{code}");
        }
    }

    #[test]
    fn every_code_has_words_in_spanish_where_the_server_says_none() {
        let spanish = ["el", "la", "un", "lo", "de", "no", "se", "que", "falta", "este", "correo"];
        let english = ["the", "is", "not", "invalid", "missing", "failed", "of", "request"];
        for code in ErrorCode::ALL {
            for said in [None, Some(""), Some(" ")] {
                let words = ErrorCode::words(Some(code.as_str()), said).unwrap().to_lowercase();
                let words: Vec<&str> =
                    words.split(|letter: char| !letter.is_alphabetic()).collect();
                assert!(words.iter().any(|word| spanish.contains(word)), "{code}: {words:?}");
                assert!(!words.iter().any(|word| english.contains(word)), "{code}: {words:?}");
            }
            assert_eq!(ErrorCode::words(Some(code.as_str()), Some("No.")), Some("No."));
        }
        assert_eq!(ErrorCode::words(Some("of_a_newer_server"), None), None);
    }
}
