//! What screens read and write with. Start here.
//!
//! - [`PhoneProvider`] stands around the app; [`use_phone`] gives what it provides.
//! - **Reading:** `use_customers(filter)` and its like give a [`Loaded`] list of [`Row`]s, the
//!   synced records with the queue on top, and render again whenever these look different: by a
//!   write here, in another tab, or from the feed.
//! - **Writing:** `create_customer(&phone, data).await` and its like. `Ok` means durable on the
//!   phone; the server follows by itself. `Err` says in Spanish why nothing was written (bad data in
//!   the server's own words, a full phone): keep the form as it was.
//! - **Online only:** [`Online`] for products, closings, team, reports, password and sessions.
//! - **Queue:** [`use_sync_engine`]. **Login:** [`use_session`].
//!
//! ```text
//! let phone = use_phone();
//! let customers = use_customers(&CustomerFilter { search: "rosa".into(), ..Default::default() });
//! match &customers {
//!     Loaded::Loading { records } => html! { … },
//!     Loaded::Ready(list) => list.iter().map(|c| html! { { c.row.text("name") } { c.debt } }),
//!     Loaded::Failed(fault) => html! { { fault.to_string() } },
//! }
//! ```
//!
//! A read that fails is said by the frame of every page, from [`use_read_fault`]: a screen that shows
//! nothing for `Failed` shows no endless skeleton.

mod collections;
mod entry;
mod filter;
mod hooks;
mod load;
mod model;
mod online;
mod open_sales;
mod phone;
mod row;
mod sync;

pub use collections::{
    Created, Refused, close_distribucion, create_customer, create_distribucion, create_payment,
    create_product_variant, create_sale, delete_customer, delete_distribucion, delete_payment,
    delete_product_variant, delete_sale, update_customer, update_distribucion, update_payment,
    update_product_variant, update_sale,
};
pub use filter::{
    ClosingFilter, CustomerFilter, DebtFilter, DistribucionFilter, PaymentFilter, SaleFilter,
    VariantFilter,
};
pub use hooks::{
    use_closings, use_conflicted, use_customer, use_customers, use_day_figures,
    use_debts_of_nobody, use_distribuciones, use_load, use_open_sales, use_payments,
    use_product_variants, use_products, use_read_fault, use_record, use_sales, use_units,
};
pub use model::Loaded;
pub use online::{NotDone, Online};
pub use open_sales::OpenSales;
pub use phone::{Phone, PhoneProvider, SessionHandle, use_phone, use_session};
pub use row::{Badge, Customer, Row};
pub use sync::{QueuedOperation, Removed, SyncEngine, use_sync_engine};

pub use crate::shell::{create_sync_id, is_online};
