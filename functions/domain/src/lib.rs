//! What a poultry business allows: records, validation, merge, conflicts, uniqueness.
//!
//! Pure: no I/O, no clock, no randomness. The same functions run in the cloud and on the phone, so
//! the phone refuses a bad sale with the very words that the server would refuse it with.
//!
//! Start at [`decide`]: one operation against what is stored gives one [`Decision`].

mod abonos;
mod calculator;
mod caller;
mod closings;
mod customers;
mod decide;
mod decision;
mod describe;
mod distribuciones;
mod draft;
mod figures;
#[cfg(test)]
mod fixture;
mod hash;
mod judge;
mod key;
mod normalise;
mod preview;
mod products;
mod receipt;
mod row;
mod sales;
mod schema;
mod stamp;
mod state;
#[cfg(test)]
mod tests;
mod unique;
mod write;

pub use calculator::{Incalculable, Known, Weighing, calculate, net_weight};
pub use caller::{Caller, Channel};
pub use closings::day_named_by;
pub use decide::{decide, foresee, keys_named_by};
pub use decision::{Decision, Refusal};
pub use describe::payload_schema;
pub use figures::{
    CreditSale, DayFigures, Debts, LoadFigures, LoadLine, Modo, PaymentsByMethod, Receivable,
    Receivables, Shortage, StockVerdict, Units, check_stock, seller_date, settle,
};
pub use judge::record_named_by;
pub use key::{GuardKey, InvalidRecordKey, RecordKey, RowKey};
pub use preview::{check, preview};
pub use receipt::{InvalidReceipt, Outcome, Receipt, RequestHash};
pub use row::{
    CHANGES_BYTES_MAX, CONFLICTS_MAX, FieldClock, Guard, GuardState, OPERATION_IDS_KEPT,
    RECORD_BYTES_MAX, Row, StoredRecord,
};
pub use state::{Day, NotLoaded, State};
pub use unique::fold;
