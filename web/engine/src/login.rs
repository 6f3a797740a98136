//! The login, as far as synchronising goes. It never touches the queue.
//!
//! | from | to | when |
//! |---|---|---|
//! | – | fresh | an account signs in |
//! | fresh | refreshing | a request is answered 401 |
//! | refreshing | renewed | the shell has a new token; the request is sent once more |
//! | renewed | fresh | a cycle ends |
//! | renewed | fresh | a second 401 in one cycle: no answer, the cycle ends; the next refreshes again |
//! | refreshing | password needed | the server refuses the refresh token |
//! | refreshing | fresh | the server was not reached: no answer, the cycle ends |
//! | refreshing | fresh | the account signs in again: the answer to the refresh is ignored |
//! | password needed | fresh | the account signs in again |

/// How good the token is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Login {
    /// Good as far as we know.
    #[default]
    Fresh,
    /// A new token was got in this cycle: a further 401 is not answered by another.
    Renewed,
    /// Only the password helps.
    PasswordNeeded,
}

impl Login {
    /// A 401 is worth a refresh.
    pub(crate) fn may_refresh(self) -> bool {
        self == Self::Fresh
    }

    /// A cycle has ended.
    pub(crate) fn rest(&mut self) {
        if *self == Self::Renewed {
            *self = Self::Fresh;
        }
    }
}
