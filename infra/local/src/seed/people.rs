//! Who works at "Avícola Demo": an administrator and two sellers.

/// Somebody who signs in.
#[derive(Debug)]
pub(super) struct Person {
    /// In ids of records and operations.
    pub(super) slug: &'static str,
    pub(super) name: &'static str,
    pub(super) email: &'static str,
}

/// Somebody who sells.
#[derive(Debug)]
pub(super) struct Seller {
    pub(super) person: Person,
    pub(super) sales_point: &'static str,
    /// His half of the customers, by place in their table.
    pub(super) first_customer: usize,
}

pub(super) const BUSINESS_NAME: &str = "Avícola Demo";

/// Of all three.
pub(super) const PASSWORD: &str = "avileo-demo";

pub(super) const ADMIN: Person =
    Person { slug: "admin", name: "Ana Torres Salazar", email: "admin@avileo.demo" };

pub(super) const SELLERS: &[Seller] = &[
    Seller {
        person: Person { slug: "rosa", name: "Rosa Quispe Mamani", email: "rosa@avileo.demo" },
        sales_point: "Carro A",
        first_customer: 0,
    },
    Seller {
        person: Person { slug: "luis", name: "Luis Rojas Huamán", email: "luis@avileo.demo" },
        sales_point: "Carro B",
        first_customer: CUSTOMERS_PER_SELLER,
    },
];

/// Of the 40.
pub(super) const CUSTOMERS_PER_SELLER: usize = 20;
