//! What a poultry business allows: records, validation, merge, conflicts, uniqueness.
//!
//! Pure: no I/O, no clock, no randomness. The same functions run in the cloud and on the phone, so
//! the phone refuses a bad sale with the very words that the server would refuse it with.
//!
//! Start at [`decide`]: one operation against what is stored gives one [`Decision`].

mod caller;
mod decide;
mod decision;
mod key;
mod receipt;
mod row;
mod state;

pub use caller::{Caller, Channel};
pub use decide::{decide, keys_named_by};
pub use decision::{Decision, Refusal};
pub use key::{GuardKey, InvalidRecordKey, RecordKey, RowKey};
pub use receipt::{InvalidReceipt, Outcome, Receipt, RequestHash};
pub use row::{FieldClock, Guard, OPERATION_IDS_KEPT, RECORD_BYTES_MAX, Row, StoredRecord};
pub use state::{NotLoaded, State};
