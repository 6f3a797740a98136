//! Lists and records that follow what happens.

use std::rc::Rc;

use domain::{DayFigures, LoadFigures, Units};
use engine::{StorageFault, Trouble};
use protocol::{BusinessDate, Entity, JsonObject, Money};
use yew::prelude::{hook, use_memo};

use super::filter::Wanted;
use super::model::{Loaded, Stage};
use super::open_sales::OpenSales;
use super::{
    ClosingFilter, Customer, CustomerFilter, DistribucionFilter, PaymentFilter, Phone, Row,
    SaleFilter, VariantFilter, use_phone,
};
use crate::shell::use_watched;

/// Customers by name, each with his debt.
#[hook]
pub fn use_customers(filter: &CustomerFilter) -> Loaded<Rc<Vec<Customer>>> {
    let owing = [Entity::Customers, Entity::Sales, Entity::Abonos];
    use_loaded(Wanted::from(filter), owing, |phone, wanted| {
        let rows = phone.0.model.list(Entity::Customers, wanted);
        rows.into_iter().map(|row| phone.0.model.customer(row)).collect()
    })
}

/// One customer with his debt; `None` if he is not there, or deleted.
#[hook]
pub fn use_customer(id: &str) -> Loaded<Rc<Option<Customer>>> {
    let owing = [Entity::Customers, Entity::Sales, Entity::Abonos];
    use_loaded(id.to_owned(), owing, |phone, id| {
        let row = phone.0.model.row(Entity::Customers, id)?;
        Some(phone.0.model.customer(row))
    })
}

/// Who owes without being there, and how much: a deleted customer still owes.
#[hook]
pub fn use_debts_of_nobody() -> Loaded<Rc<Vec<(String, Money)>>> {
    let owing = [Entity::Customers, Entity::Sales, Entity::Abonos];
    use_loaded((), owing, |phone, ()| phone.0.model.debts_of_nobody())
}

/// Any record by its id; `None` if it is not there, or deleted.
#[hook]
pub fn use_record(entity: Entity, id: &str) -> Loaded<Rc<Option<Row>>> {
    use_loaded(id.to_owned(), [entity; 3], |phone, id| phone.0.model.row(entity, id))
}

/// The records of these kinds with open conflicts.
#[hook]
pub fn use_conflicted(kinds: [Entity; 3]) -> Loaded<Rc<Vec<Row>>> {
    use_loaded((), kinds, |phone, ()| phone.0.model.conflicted(kinds))
}

/// Sales, the latest first.
#[hook]
pub fn use_sales(filter: &SaleFilter) -> Loaded<Rc<Vec<Row>>> {
    use_list(Entity::Sales, Wanted::from(filter))
}

/// The credit sales that are not paid yet, of one customer or of all.
#[hook]
pub fn use_open_sales(client: Option<&str>) -> Loaded<Rc<OpenSales>> {
    let owing = [Entity::Customers, Entity::Sales, Entity::Abonos];
    use_loaded(client.map(str::to_owned), owing, |phone, client| {
        phone.0.model.rows.borrow().open_sales(client.as_deref())
    })
}

/// Abonos, the latest first.
#[hook]
pub fn use_payments(filter: &PaymentFilter) -> Loaded<Rc<Vec<Row>>> {
    use_list(Entity::Abonos, Wanted::from(filter))
}

/// Loads, the latest first.
#[hook]
pub fn use_distribuciones(filter: &DistribucionFilter) -> Loaded<Rc<Vec<Row>>> {
    use_list(Entity::Distribuciones, Wanted::from(filter))
}

/// Products by name.
#[hook]
pub fn use_products() -> Loaded<Rc<Vec<Row>>> {
    use_list(Entity::Products, Wanted::default())
}

/// The ways products are sold, by name.
#[hook]
pub fn use_product_variants(filter: &VariantFilter) -> Loaded<Rc<Vec<Row>>> {
    use_list(Entity::ProductVariants, Wanted::from(filter))
}

/// Closings, the latest first.
#[hook]
pub fn use_closings(filter: &ClosingFilter) -> Loaded<Rc<Vec<Row>>> {
    use_list(Entity::Closings, Wanted::from(filter))
}

/// What lines are counted in, from the products.
#[hook]
pub fn use_units() -> Loaded<Rc<Units>> {
    use_loaded((), [Entity::Products; 3], |phone, ()| units(phone))
}

/// The figures of a day: of one seller, or of all.
#[hook]
pub fn use_day_figures(seller: Option<String>, day: BusinessDate) -> Loaded<Rc<DayFigures>> {
    let counted = [Entity::Sales, Entity::Abonos, Entity::Products];
    use_loaded((seller, day), counted, |phone, (seller, day)| {
        let (from, to, seller) = (Some(*day), Some(*day), seller.clone());
        let wanted = Wanted::from(&PaymentFilter { from, to, client: None, seller });
        let rows =
            [Entity::Sales, Entity::Abonos].map(|entity| phone.0.model.list(entity, &wanted));
        let records = rows.iter().flatten().map(|row| (row.entity(), row.record()));
        DayFigures::of(records, &units(phone))
    })
}

/// What is left of a load; `None` if it is not there.
#[hook]
pub fn use_load(distribucion: &str) -> Loaded<Rc<Option<LoadFigures>>> {
    let counted = [Entity::Sales, Entity::Distribuciones, Entity::Products];
    use_loaded(distribucion.to_owned(), counted, |phone, id| {
        let load = phone.0.model.row(Entity::Distribuciones, id)?;
        let filter = SaleFilter { distribucion: Some(id.clone()), ..SaleFilter::default() };
        let sales = phone.0.model.list(Entity::Sales, &Wanted::from(&filter));
        let records: Vec<&JsonObject> = sales.iter().map(Row::record).collect();
        Some(LoadFigures::of(load.record(), records, &units(phone)))
    })
}

/// Why the phone's records cannot be read, while they cannot.
#[hook]
pub fn use_read_fault() -> Option<StorageFault> {
    let phone = use_phone();
    let stage = use_watched(&phone.0.model.stage);
    let view = use_watched(&phone.0.driver.view());
    match stage {
        Stage::Ready => None,
        Stage::Failed(fault) => Some(fault),
        // The queue is read before the records.
        Stage::Loading(_) => view?.troubles.iter().find_map(|trouble| match trouble {
            Trouble::Storage(fault) => Some(*fault),
            _ => None,
        }),
    }
}

#[hook]
fn use_list(entity: Entity, wanted: Wanted) -> Loaded<Rc<Vec<Row>>> {
    use_loaded(wanted, [entity; 3], |phone, wanted| phone.0.model.list(entity, wanted))
}

/// What `look` finds, found anew when what it depends on changes: `asked`, or a record of one of
/// these kinds.
#[hook]
fn use_loaded<D, T>(
    asked: D,
    kinds: [Entity; 3],
    look: impl FnOnce(&Phone, &D) -> T,
) -> Loaded<Rc<T>>
where
    D: PartialEq + 'static,
    T: 'static,
{
    let phone = use_phone();
    let (stage, changes) = use_changes(kinds);
    // What was read before a read failed stays: a form that hangs on it keeps what was typed. That
    // it may be old is said above the screen, and hides it (`use_read_fault`).
    let is_read = phone.0.model.is_read.get();
    let found = use_memo((asked, kinds, is_read, changes), |(asked, _, is_read, _)| {
        is_read.then(|| Rc::new(look(&phone, asked)))
    });
    match (stage, &*found) {
        (_, Some(found)) => Loaded::Ready(Rc::clone(found)),
        (Stage::Failed(fault), None) => Loaded::Failed(fault),
        (Stage::Loading(records), None) => Loaded::Loading { records },
        (Stage::Ready, None) => Loaded::Loading { records: 0 },
    }
}

/// How far the records are read, and what rises when one of these kinds changes.
#[hook]
fn use_changes(kinds: [Entity; 3]) -> (Stage, [u64; 3]) {
    let model = &use_phone().0.model;
    let stage = use_watched(&model.stage);
    let first = use_watched(model.changes(kinds[0]));
    let second = use_watched(model.changes(kinds[1]));
    let third = use_watched(model.changes(kinds[2]));
    (stage, [first, second, third])
}

fn units(phone: &Phone) -> Units {
    let products = phone.0.model.list(Entity::Products, &Wanted::default());
    Units::of(products.iter().map(Row::record))
}
