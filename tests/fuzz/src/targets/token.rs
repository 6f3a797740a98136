//! Access tokens: nothing that we have not signed is taken, and nothing panics.

use std::sync::{Arc, LazyLock};

use gateway::{Claims, Gate};
use protocol::{Instant, Role};

use crate::Bytes;
use crate::targets::routes::{OneKey, block_on};

pub(crate) fn run(bytes: &[u8]) {
    let mut bytes = Bytes::new(bytes);
    let (gate, good) = &*GATE;
    let text = if bytes.once_in(2) { changed(good, &mut bytes) } else { bytes.rest() };
    match block_on(gate.verify(&text)) {
        // Base64 has spare bits, so a signature may be spelled otherwise; what is signed may not.
        Ok(claims) => {
            assert_eq!(claims, claims_of(Role::Vendedor));
            let signed = |token: &str| token.rsplit_once('.').map(|(signed, _)| signed.to_owned());
            assert_eq!(signed(&text), signed(good), "a token that nobody signed");
        }
        Err(error) => assert!(!error.to_string().contains(&text) || text.len() < 30),
    }
}

/// Our own token with some of it replaced.
fn changed(good: &str, bytes: &mut Bytes<'_>) -> String {
    let mut token = good.as_bytes().to_vec();
    while !bytes.is_empty() {
        let at = (usize::from(bytes.byte()) << 8 | usize::from(bytes.byte())) % token.len();
        token[at] = bytes.byte();
    }
    String::from_utf8_lossy(&token).into_owned()
}

fn claims_of(role: Role) -> Claims {
    Claims {
        business: "b1".parse().unwrap(),
        user: "rosa".parse().unwrap(),
        role,
        expires_at_seconds: 1_795_356_301,
        session: Some("s-1".to_owned()),
    }
}

static GATE: LazyLock<(Gate, String)> = LazyLock::new(|| {
    let now: Instant = "2026-11-22T13:05:00.000Z".parse().unwrap();
    let gate = Gate::new(OneKey, Arc::new(move || now));
    let good = block_on(gate.sign(&claims_of(Role::Vendedor))).unwrap();
    (gate, good)
});
