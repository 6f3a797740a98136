//! Which encoding a file is in. Spreadsheets do not say: Excel writes "CSV" in Windows-1252, "CSV
//! UTF-8" in UTF-8 and "Texto Unicode" in UTF-16.

/// An encoding of a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    /// Any bytes are text in it, so it is what remains.
    Windows1252,
}

impl Encoding {
    /// By the byte order mark; without one by what the bytes are.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        match bytes {
            [0xff, 0xfe, ..] => Self::Utf16Le,
            [0xfe, 0xff, ..] => Self::Utf16Be,
            _ => {
                // Spanish in UTF-16 has a zero in nearly every pair, always at the same side.
                let [even, odd] = zeros(bytes);
                let pairs = bytes.len().min(LOOKED_AT) / 2;
                if odd > even && odd * 2 > pairs {
                    Self::Utf16Le
                } else if even > odd && even * 2 > pairs {
                    Self::Utf16Be
                } else if std::str::from_utf8(bytes).is_ok() {
                    Self::Utf8
                } else {
                    Self::Windows1252
                }
            }
        }
    }

    /// Its name for the browser's `TextDecoder`.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Windows1252 => "windows-1252",
        }
    }
}

/// How many zeros stand at even and at odd places.
fn zeros(bytes: &[u8]) -> [usize; 2] {
    let mut count = [0, 0];
    for (at, byte) in bytes.iter().take(LOOKED_AT).enumerate() {
        count[at % 2] += usize::from(*byte == 0);
    }
    count
}

const LOOKED_AT: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_spreadsheets_write_is_recognised() {
        let text = "nombre;teléfono\r\nPérez Ñahui;987654321\r\n";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        // All its letters are of Latin-1, where Windows-1252 has the same bytes.
        let latin: Vec<u8> = text.chars().map(|letter| u8::try_from(letter).unwrap()).collect();
        for (bytes, encoding) in [
            (text.as_bytes().to_vec(), Encoding::Utf8),
            ([b"\xef\xbb\xbf", text.as_bytes()].concat(), Encoding::Utf8),
            ([b"\xff\xfe", le.as_slice()].concat(), Encoding::Utf16Le),
            ([b"\xfe\xff", be.as_slice()].concat(), Encoding::Utf16Be),
            (le, Encoding::Utf16Le),
            (be, Encoding::Utf16Be),
            (latin, Encoding::Windows1252),
            (Vec::new(), Encoding::Utf8),
        ] {
            assert_eq!(Encoding::of(&bytes), encoding, "{bytes:?}");
        }
    }
}
