//! Query strings and an app's version.

use gateway::{ClientVersion, Parameters};
use protocol::{Cursor, ErrorCode};

use crate::Bytes;

pub(crate) fn run(bytes: &[u8]) {
    let text = Bytes::new(bytes).rest();
    let _: Result<ClientVersion, _> = text.parse();
    match Parameters::parse(&text) {
        Ok(parameters) => {
            for name in parameters.names() {
                assert!(parameters.get(name).is_some());
            }
            if let Ok(Some(since)) = parameters.read::<Cursor>("since", ErrorCode::InvalidCursor) {
                assert_eq!(parameters.get("since"), Some(since.to_string().as_str()));
            }
            let _ = parameters.read::<u32>("limit", ErrorCode::InvalidRequest);
        }
        Err(error) => assert_eq!(error.code(), ErrorCode::InvalidRequest),
    }
}
