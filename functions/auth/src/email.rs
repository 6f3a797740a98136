//! An e-mail address: what a person signs in with.

use std::fmt;
use std::str::FromStr;

/// An address in lower case: `rosa@avileo.demo`. One is one user, of one business.
///
/// Stricter than RFC 5321 where nobody's mailbox is: no quoted local part, no address literal, a
/// domain with a dot, ASCII only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Email(String);

/// Why a text is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub(crate) struct InvalidEmail;

impl FromStr for Email {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        let folded = text.trim().to_ascii_lowercase();
        let (local, domain) = folded.split_once('@').ok_or(InvalidEmail)?;
        if folded.len() <= EMAIL_BYTES_MAX && is_local_part(local) && is_domain(domain) {
            Ok(Self(folded))
        } else {
            Err(InvalidEmail)
        }
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_local_part(local: &str) -> bool {
    local.len() <= LOCAL_PART_BYTES_MAX
        && local.split('.').all(|atom| {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || ATOM_SIGNS.contains(&byte);
            !atom.is_empty() && atom.bytes().all(allowed)
        })
}

fn is_domain(domain: &str) -> bool {
    domain.contains('.')
        && domain.split('.').all(|label| {
            (1..=LABEL_BYTES_MAX).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

/// `atext` of RFC 5322, 3.2.3, besides letters and digits.
const ATOM_SIGNS: &[u8] = b"!#$%&'*+-/=?^_`{|}~";

/// RFC 5321, 4.5.3.1, with erratum 1690.
const EMAIL_BYTES_MAX: usize = 254;
const LOCAL_PART_BYTES_MAX: usize = 64;
const LABEL_BYTES_MAX: usize = 63;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_folded_to_lower_case() {
        for (text, folded) in [
            ("Rosa@Avileo.DEMO", "rosa@avileo.demo"),
            (" luis+carro.a@mail.com.pe ", "luis+carro.a@mail.com.pe"),
            ("o'brien@x-y.pe", "o'brien@x-y.pe"),
        ] {
            assert_eq!(text.parse::<Email>().unwrap().to_string(), folded);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@mail.pe", "a".repeat(65));
        let longer = format!("a@{}mail.pe", "abcdefgh.".repeat(30));
        for text in [
            "",
            "rosa",
            "@",
            "rosa@",
            "@mail.pe",
            "rosa@mail",
            "rosa@@mail.pe",
            "ro sa@mail.pe",
            ".rosa@mail.pe",
            "rosa.@mail.pe",
            "ro..sa@mail.pe",
            "rosa@-mail.pe",
            "rosa@mail..pe",
            "rosa@mail.pe.",
            "rosa@mail_x.pe",
            "ñusta@mail.pe",
            "rosa\n@mail.pe",
            "a@b@c.pe",
            &long,
            &longer,
        ] {
            assert_eq!(text.parse::<Email>(), Err(InvalidEmail), "{text:?}");
        }
    }
}
