//! The kinds of record that have routes: where they are, what is asked of them, what may be done.

use protocol::Entity;

use crate::filter::{Filter, FilterKind};

/// A kind of record with routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Collection {
    /// `/customers`; one of them is `/customers/{id}`.
    pub(crate) path: &'static str,
    pub(crate) entity: Entity,
    /// What one of them is called where the API is described.
    pub(crate) name: &'static str,
    /// What a list may be narrowed by.
    pub(crate) filters: &'static [Filter],
    pub(crate) writing: Writing,
}

/// How one of them comes to be and changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writing {
    /// POST, PUT and DELETE are one operation each.
    Ordinary,
    /// The same, and POST names a seller who must be of the business.
    Assigned,
    /// POST has a day counted; what is signed stays, a correction is another one.
    DayClosed,
}

/// All of them.
pub(crate) const COLLECTIONS: &[Collection] = &[
    Collection {
        path: "/customers",
        entity: Entity::Customers,
        name: "Customer",
        filters: &[SEARCH, DEBT],
        writing: Writing::Ordinary,
    },
    Collection {
        path: "/sales",
        entity: Entity::Sales,
        name: "Sale",
        filters: &[FROM, TO, SELLER, CLIENT, SALE_TYPE],
        writing: Writing::Ordinary,
    },
    Collection {
        path: "/abonos",
        entity: Entity::Abonos,
        name: "Abono",
        filters: &[FROM, TO, SELLER, CLIENT],
        writing: Writing::Ordinary,
    },
    Collection {
        path: "/distribuciones",
        entity: Entity::Distribuciones,
        name: "Distribucion",
        filters: &[FECHA, VENDEDOR, ESTADO],
        writing: Writing::Assigned,
    },
    Collection {
        path: "/products",
        entity: Entity::Products,
        name: "Product",
        filters: &[],
        writing: Writing::Ordinary,
    },
    Collection {
        path: "/product-variants",
        entity: Entity::ProductVariants,
        name: "ProductVariant",
        filters: &[PRODUCT],
        writing: Writing::Ordinary,
    },
    Collection {
        path: "/closings",
        entity: Entity::Closings,
        name: "Closing",
        filters: &[FROM, TO, SELLER],
        writing: Writing::DayClosed,
    },
];

/// What `GET /distribuciones/mine` may be narrowed by: whose they are, is said by the token.
pub(crate) const MINE_FILTERS: &[Filter] = &[FECHA, ESTADO];

const SEARCH: Filter = Filter {
    name: "search",
    kind: FilterKind::Search,
    says: "Words of name, DNI or phone, whatever their case and accents; all must be there.",
};
const DEBT: Filter = Filter {
    name: "debt",
    kind: FilterKind::Debt,
    says: "`con_deuda`: owes more than nothing. `al_dia`: owes nothing, or less. Counts all sales \
           and abonos of the business anew for each page; `payload_too_large` past 20,000 records.",
};
const FROM: Filter =
    Filter { name: "from", kind: FilterKind::From, says: "The first day, in Lima." };
const TO: Filter = Filter { name: "to", kind: FilterKind::To, says: "The last day, in Lima." };
const SELLER: Filter = Filter {
    name: "sellerId",
    kind: FilterKind::Seller,
    says: "Whose. With it the list is read by an index and comes the newest day first; without it \
           the whole kind is gone through, in order of ids.",
};
const VENDEDOR: Filter = Filter { name: "vendedorId", ..SELLER };
const CLIENT: Filter =
    Filter { name: "clientId", kind: FilterKind::Id, says: "Of which customer." };
const PRODUCT: Filter =
    Filter { name: "productId", kind: FilterKind::Id, says: "Of which product." };
const SALE_TYPE: Filter = Filter {
    name: "saleType",
    kind: FilterKind::OneOf(&["contado", "credito"]),
    says: "How it was paid.",
};
const FECHA: Filter = Filter { name: "fecha", kind: FilterKind::Day, says: "Of which day." };
const ESTADO: Filter = Filter {
    name: "estado",
    kind: FilterKind::OneOf(&["activo", "en_ruta", "cerrado"]),
    says: "How far it is.",
};
