//! Calls by chance: few keys, so that they meet; values and keys at the edges of what is allowed.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Number, Value, json};
use store::tables::{Condition, Item, Key, LocalIndex, Query, Table, Write};

/// One call.
#[derive(Debug, Clone)]
pub(super) enum Call {
    BatchGet(Vec<Key>),
    Query(Query),
    Transact(Vec<Write>),
    Write(Write),
}

const PARTITIONS: [&str; 2] = ["first", "second"];
const ATTRIBUTES: [&str; 3] = ["version", "value", "sellerDate"];

impl Call {
    /// The same call with businesses that no other world has. What is empty stays so.
    pub(super) fn in_world(&self, world: u32) -> Self {
        let mut call = self.clone();
        match &mut call {
            Self::BatchGet(keys) => keys.iter_mut().for_each(|key| move_key(key, world)),
            Self::Query(query) => {
                move_text(&mut query.partition, world);
                if let Some(after) = &mut query.after {
                    move_item(query.table, after, world);
                }
            }
            Self::Transact(writes) => writes.iter_mut().for_each(|write| move_write(write, world)),
            Self::Write(write) => move_write(write, world),
        }
        call
    }
}

/// Queries for all that a world can hold, by the tables' keys and by the index.
pub(super) fn whole_partitions(world: u32) -> impl Iterator<Item = Call> {
    let ranges = Table::ALL.map(|table| (table, None));
    let ranges = ranges.into_iter().chain([(Table::Records, Some(LocalIndex::SellerDate))]);
    ranges.flat_map(move |(table, index)| {
        PARTITIONS.map(|partition| {
            let (from, to) = ("!".into(), "\u{10ffff}".into());
            let partition = partition.into();
            let query = Query {
                table,
                index,
                partition,
                from,
                to,
                after: None,
                limit: None,
                descending: false,
            };
            Call::Query(query).in_world(world)
        })
    })
}

/// Any call, writes more often.
pub(super) fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        2 => prop::collection::vec(key(), 0..6).prop_map(Call::BatchGet),
        3 => query().prop_map(Call::Query),
        4 => prop::collection::vec(write(), 0..7).prop_map(Call::Transact),
        4 => write().prop_map(Call::Write),
    ]
}

fn write() -> impl Strategy<Value = Write> {
    prop_oneof![
        6 => ((table(), item()), condition()).prop_map(put),
        2 => (key(), condition()).prop_map(|(key, condition)| Write::Delete { key, condition }),
        2 => (key(), condition()).prop_map(|(key, condition)| Write::Check { key, condition }),
    ]
}

fn put(((table, (key, attributes)), condition): ((Table, (Key, Item)), Condition)) -> Write {
    let mut item = Key { table, ..key }.to_item();
    item.extend(attributes);
    Write::Put { table, item, condition }
}

fn item() -> impl Strategy<Value = (Key, Item)> {
    let some = |name: &'static str, values: BoxedStrategy<Value>| {
        prop::option::of(values).prop_map(move |value| value.map(|value| (name.to_owned(), value)))
    };
    let broken = prop_oneof![
        60 => Just(None),
        1 => Just(Some(("business".to_owned(), json!(1)))),
        1 => Just(Some(("record".to_owned(), json!(null)))),
        1 => Just(Some((String::new(), json!("no name")))),
    ];
    let attributes = (
        some("version", version().boxed()),
        some("value", value().boxed()),
        some("sellerDate", seller_date().boxed()),
        broken,
    );
    let attributes = attributes.prop_map(|(version, value, seller_date, broken)| {
        [version, value, seller_date, broken].into_iter().flatten().collect::<Map<_, _>>()
    });
    (key(), attributes)
}

fn condition() -> impl Strategy<Value = Condition> {
    let wanted = (select(&ATTRIBUTES[..]), prop_oneof![3 => version(), 1 => value()]);
    prop_oneof![
        3 => Just(Condition::None),
        2 => Just(Condition::Absent),
        3 => version().prop_map(|version| Condition::Equals(vec![("version", version)])),
        1 => prop::collection::vec(wanted, 0..3).prop_map(Condition::Equals),
    ]
}

fn query() -> impl Strategy<Value = Query> {
    let limit = prop_oneof![4 => Just(None), 5 => (1_u32..4).prop_map(Some), 1 => Just(Some(0))];
    let after = prop::option::weighted(0.3, (key(), prop::option::of(seller_date())));
    let of = prop_oneof![3 => table().prop_map(|table| (table, false)), 2 => Just((Table::Records, true)),
        1 => table().prop_map(|table| (table, true))];
    (of, select(&PARTITIONS[..]), bounds(), limit, after, any::<bool>()).prop_map(
        |((table, indexed), partition, (from, to), limit, after, descending)| {
            // The local server does not measure the keys that a page starts after, as AWS does.
            let after = after.filter(|(key, _)| key.sort.len() <= 1024).map(|(key, date)| {
                let mut after = Key { table, ..key }.to_item();
                after.extend(date.map(|date| ("sellerDate".to_owned(), date)));
                after
            });
            let index = indexed.then_some(LocalIndex::SellerDate);
            let partition = partition.into();
            Query { table, index, partition, from, to, after, limit, descending }
        },
    )
}

/// Never empty: AWS refuses an empty bound, the local server does not.
fn bounds() -> impl Strategy<Value = (String, String)> {
    let bound = || select(&["!", "1", "2", "a", "luis#", "rosa#2", "ñ", "🐔", "\u{10ffff}"][..]);
    let whole = Just(("!".to_owned(), "\u{10ffff}".to_owned()));
    prop_oneof![whole, (bound(), bound()).prop_map(|(from, to)| (from.into(), to.into()))]
}

fn table() -> impl Strategy<Value = Table> {
    prop_oneof![3 => Just(Table::Records), 1 => select(&Table::ALL[..])]
}

fn key() -> impl Strategy<Value = Key> {
    let sort = prop_oneof![
        30 => select(&["1", "2", "10", "a#1", "a#2", "ñ", "🐔", "\u{ffff}"][..]).prop_map(str::to_owned),
        1 => Just(String::new()),
        1 => Just("s".repeat(1024)),
        1 => Just("s".repeat(1025)),
    ];
    let partition = prop_oneof![40 => select(&PARTITIONS[..]), 1 => Just("")];
    (table(), partition, sort).prop_map(|(table, partition, sort)| Key::new(table, partition, sort))
}

/// Of an index's keys the local server does not measure the length, as AWS does: never long ones.
fn seller_date() -> impl Strategy<Value = Value> {
    prop_oneof![
        20 => select(&["luis#2026-11-21", "luis#2026-11-22", "rosa#2026-11-22"][..]).prop_map(Value::from),
        1 => Just(json!("")),
        1 => Just(json!(3)),
    ]
}

fn version() -> impl Strategy<Value = Value> {
    select(&["1", "2", "1.0", "20e-1", "0.1E1"][..]).prop_map(number)
}

fn value() -> impl Strategy<Value = Value> {
    let numbers = ["0", "-0", "-1.50", "1E2", "1e-7", "1e125", "1e126", "1E-130", "1E-131"];
    let digits =
        ["12345678901234567890123456789012345678", "123456789012345678901234567890123456789"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        select(&["", "x", "ñ", "1"][..]).prop_map(Value::from),
        select([&numbers[..], &digits[..]].concat()).prop_map(number),
        (-9_i64..9, 0_u32..4).prop_map(|(n, e)| number(&format!("{n}e{e}"))),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let name = select(&["a", "b", "ñ"][..]).prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::btree_map(name, inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn number(text: &str) -> Value {
    Value::Number(text.parse::<Number>().unwrap())
}

fn move_write(write: &mut Write, world: u32) {
    match write {
        Write::Put { table, item, .. } => move_item(*table, item, world),
        Write::Delete { key, .. } | Write::Check { key, .. } => move_key(key, world),
    }
}

fn move_item(table: Table, item: &mut Item, world: u32) {
    if let Some(Value::String(partition)) = item.get_mut(table.partition_attribute()) {
        move_text(partition, world);
    }
}

fn move_key(key: &mut Key, world: u32) {
    move_text(&mut key.partition, world);
}

fn move_text(partition: &mut String, world: u32) {
    if !partition.is_empty() {
        partition.insert_str(0, &format!("{world}-"));
    }
}
