//! What lists are asked for. The default of each asks for everything.

use domain::fold;
use protocol::{BusinessDate, Money};

use super::Row;

/// By debt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DebtFilter {
    /// Todos.
    #[default]
    All,
    /// Con deuda.
    Owing,
    /// Al día.
    Settled,
}

/// Customers, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomerFilter {
    /// Every word of it in name, DNI, phone or address; accents and case do not count.
    pub search: String,
    /// By debt.
    pub debt: DebtFilter,
}

/// Sales, the latest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SaleFilter {
    /// From this day on, in Lima.
    pub from: Option<BusinessDate>,
    /// Up to and including this day.
    pub to: Option<BusinessDate>,
    /// To this customer.
    pub client: Option<String>,
    /// By this seller.
    pub seller: Option<String>,
    /// From this load.
    pub distribucion: Option<String>,
}

/// Abonos, the latest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaymentFilter {
    /// From this day on, in Lima.
    pub from: Option<BusinessDate>,
    /// Up to and including this day.
    pub to: Option<BusinessDate>,
    /// Of this customer.
    pub client: Option<String>,
    /// Taken by this seller.
    pub seller: Option<String>,
}

/// Loads, the latest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DistribucionFilter {
    /// From this day on.
    pub from: Option<BusinessDate>,
    /// Up to and including this day.
    pub to: Option<BusinessDate>,
    /// Of this seller.
    pub seller: Option<String>,
}

/// Closings, the latest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClosingFilter {
    /// From this day on.
    pub from: Option<BusinessDate>,
    /// Up to and including this day.
    pub to: Option<BusinessDate>,
    /// Of this seller.
    pub seller: Option<String>,
}

/// Variants, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VariantFilter {
    /// Of this product.
    pub product: Option<String>,
}

/// What all filters come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    from: Option<BusinessDate>,
    to: Option<BusinessDate>,
    client: Option<String>,
    seller: Option<String>,
    parent: Option<String>,
    words: Vec<String>,
    debt: DebtFilter,
}

impl Wanted {
    pub(super) fn takes(&self, row: &Row, debt: impl FnOnce() -> Money) -> bool {
        let entry = &row.0;
        let named = |wanted: &Option<String>, found: &Option<Box<str>>| {
            wanted.as_deref().is_none_or(|wanted| found.as_deref() == Some(wanted))
        };
        self.from.is_none_or(|from| entry.day.is_some_and(|day| day >= from))
            && self.to.is_none_or(|to| entry.day.is_some_and(|day| day <= to))
            && named(&self.client, &entry.client)
            && named(&self.seller, &entry.seller)
            && named(&self.parent, &entry.parent)
            && self.words.iter().all(|word| entry.searched.contains(word.as_str()))
            && match self.debt {
                DebtFilter::All => true,
                DebtFilter::Owing => debt() > Money::ZERO,
                DebtFilter::Settled => debt() <= Money::ZERO,
            }
    }
}

impl From<&CustomerFilter> for Wanted {
    fn from(filter: &CustomerFilter) -> Self {
        let words = fold(&filter.search).split_whitespace().map(str::to_owned).collect();
        Self { words, debt: filter.debt, ..Self::default() }
    }
}

impl From<&SaleFilter> for Wanted {
    fn from(filter: &SaleFilter) -> Self {
        let SaleFilter { from, to, client, seller, distribucion } = filter.clone();
        Self { from, to, client, seller, parent: distribucion, ..Self::default() }
    }
}

impl From<&PaymentFilter> for Wanted {
    fn from(filter: &PaymentFilter) -> Self {
        let PaymentFilter { from, to, client, seller } = filter.clone();
        Self { from, to, client, seller, ..Self::default() }
    }
}

impl From<&DistribucionFilter> for Wanted {
    fn from(filter: &DistribucionFilter) -> Self {
        let DistribucionFilter { from, to, seller } = filter.clone();
        Self { from, to, seller, ..Self::default() }
    }
}

impl From<&ClosingFilter> for Wanted {
    fn from(filter: &ClosingFilter) -> Self {
        let ClosingFilter { from, to, seller } = filter.clone();
        Self { from, to, seller, ..Self::default() }
    }
}

impl From<&VariantFilter> for Wanted {
    fn from(filter: &VariantFilter) -> Self {
        Self { parent: filter.product.clone(), ..Self::default() }
    }
}
