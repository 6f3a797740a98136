//! What "Avícola Demo" sells: 6 products with 14 variants, at prices of a market in Lima.

/// A product and the ways in which it is sold.
#[derive(Debug)]
pub(super) struct Product {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    pub(super) unit: Unit,
    pub(super) base_price: &'static str,
    pub(super) variants: &'static [Variant],
}

/// What a product is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Kilogram,
    Piece,
}

/// A way in which a product is sold.
#[derive(Debug)]
pub(super) struct Variant {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) sku: &'static str,
    /// Per kilogram or piece.
    pub(super) price: &'static str,
    /// How many eggs are in a piece.
    pub(super) unit_quantity: Option<&'static str>,
    /// How often it is asked for, compared with the others.
    pub(super) demand: u64,
    /// What one customer takes of it, from and to, in thousandths of its unit.
    pub(super) taken_milli: (u64, u64),
}

impl Unit {
    /// On the wire.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Kilogram => "kg",
            Self::Piece => "unidad",
        }
    }

    /// What the scale shows, or a whole piece, in thousandths.
    pub(super) fn step_milli(self) -> u64 {
        match self {
            Self::Kilogram => 5,
            Self::Piece => 1000,
        }
    }
}

/// Every variant with its product.
pub(super) fn variants() -> impl Iterator<Item = (&'static Product, &'static Variant)> {
    PRODUCTS.iter().flat_map(|product| product.variants.iter().map(move |one| (product, one)))
}

/// A variant that is sold by weight.
const fn weighed(
    id: &'static str,
    name: &'static str,
    sku: &'static str,
    price: &'static str,
    demand: u64,
    taken_milli: (u64, u64),
) -> Variant {
    Variant { id, name, sku, price, unit_quantity: None, demand, taken_milli }
}

/// A variant of eggs.
const fn eggs(
    id: &'static str,
    name: &'static str,
    sku: &'static str,
    price: &'static str,
    unit_quantity: &'static str,
    demand: u64,
    taken_milli: (u64, u64),
) -> Variant {
    Variant { id, name, sku, price, unit_quantity: Some(unit_quantity), demand, taken_milli }
}

pub(super) const PRODUCTS: &[Product] = &[
    Product {
        id: "pollo",
        name: "Pollo",
        kind: "pollo",
        unit: Unit::Kilogram,
        base_price: "11.20",
        variants: &[
            weighed("pollo-entero", "Entero", "POL-ENT", "11.20", 30, (2_200, 24_000)),
            weighed(
                "pollo-sin-menudencia",
                "Sin menudencia",
                "POL-SME",
                "12.40",
                14,
                (1_900, 16_000),
            ),
        ],
    },
    Product {
        id: "trozado",
        name: "Pollo trozado",
        kind: "pollo",
        unit: Unit::Kilogram,
        base_price: "13.50",
        variants: &[
            weighed("trozado-pechuga", "Pechuga", "TRO-PEC", "17.90", 10, (800, 7_500)),
            weighed("trozado-pierna", "Pierna con encuentro", "TRO-PIE", "13.50", 12, (900, 8_000)),
            weighed("trozado-alas", "Alas", "TRO-ALA", "12.80", 7, (700, 6_000)),
            weighed("trozado-filete", "Filete de pechuga", "TRO-FIL", "24.50", 4, (500, 3_500)),
        ],
    },
    Product {
        id: "menudencia",
        name: "Menudencia",
        kind: "pollo",
        unit: Unit::Kilogram,
        base_price: "7.50",
        variants: &[
            weighed("menudencia-higado", "Hígado", "MEN-HIG", "7.50", 5, (400, 3_000)),
            weighed("menudencia-molleja", "Molleja", "MEN-MOL", "10.90", 5, (400, 3_000)),
            weighed("menudencia-patitas", "Patitas", "MEN-PAT", "5.80", 4, (500, 4_000)),
        ],
    },
    Product {
        id: "gallina",
        name: "Gallina",
        kind: "otro",
        unit: Unit::Kilogram,
        base_price: "12.90",
        variants: &[
            weighed("gallina-colorada", "Colorada", "GAL-COL", "12.90", 6, (1_800, 9_000)),
            weighed("gallina-negra", "Negra de corral", "GAL-NEG", "16.50", 3, (1_700, 5_500)),
        ],
    },
    Product {
        id: "huevos",
        name: "Huevos",
        kind: "huevo",
        unit: Unit::Piece,
        base_price: "17.50",
        variants: &[
            eggs(
                "huevos-plancha",
                "Plancha de 30",
                "HUE-P30",
                "17.50",
                "30.000",
                12,
                (1_000, 8_000),
            ),
            eggs("huevos-docena", "Docena", "HUE-D12", "7.80", "12.000", 6, (1_000, 5_000)),
        ],
    },
    Product {
        id: "pavita",
        name: "Pavita",
        kind: "otro",
        unit: Unit::Kilogram,
        base_price: "18.90",
        variants: &[weighed("pavita-entera", "Entera", "PAV-ENT", "18.90", 2, (4_000, 9_500))],
    },
];
