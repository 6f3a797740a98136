//! What keyboards, spreadsheets and hurried fingers write, and what it must mean.

use proptest::prelude::*;

use super::*;

fn money(text: &str) -> Typed<Money> {
    read_money(text)
}

fn amount<T: std::fmt::Display>(reading: Typed<T>) -> String {
    reading.unwrap().unwrap().amount.to_string()
}

#[test]
fn a_comma_or_a_point_is_the_decimal_mark_of_a_weight() {
    for (text, weight) in [
        ("0,250", "0.250"),
        ("1,250", "1.250"),
        ("1.250", "1.250"),
        ("12,345", "12.345"),
        ("2,5", "2.500"),
        (",5", "0.500"),
        (".5", "0.500"),
        ("84.", "84.000"),
        ("84,", "84.000"),
        ("1.234,5", "1234.500"),
        ("1,234.5", "1234.500"),
        ("1 234,5", "1234.500"),
        ("1\u{a0}234", "1234.000"),
        ("1'234.567", "1234.567"),
        ("1234,567", "1234.567"),
        (" 7 ", "7.000"),
        ("0012,5", "12.500"),
    ] {
        let reading = read_kilos(text).unwrap().unwrap();
        assert_eq!(reading.amount.to_string(), weight, "{text}");
        assert!(!reading.is_ambiguous, "{text}");
    }
}

#[test]
fn money_that_can_be_read_in_two_ways_is_marked() {
    for text in ["1,234", "1.234", "12,345", "999.999", "S/ 1,234"] {
        assert!(money(text).unwrap().unwrap().is_ambiguous, "{text}");
    }
    assert_eq!(amount(money("1,234")), "1234.00");
    assert_eq!(amount(money("1.234")), "1234.00");
    assert!(read_pieces("1,200").unwrap().unwrap().is_ambiguous);
}

#[test]
fn money_with_one_reading_is_read() {
    for (text, soles) in [
        ("84", "84.00"),
        ("84.", "84.00"),
        (".5", "0.50"),
        ("12,5", "12.50"),
        ("11,20", "11.20"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1\u{202f}234", "1234.00"),
        ("1'234,567.00", "1234567.00"),
        ("1,234,567", "1234567.00"),
        ("1.234.567,8", "1234567.80"),
        ("1234", "1234.00"),
        ("S/ 20", "20.00"),
        ("S/. 20.5", "20.50"),
        ("s/20", "20.00"),
    ] {
        let reading = money(text).unwrap().unwrap();
        assert_eq!(reading.amount.to_string(), soles, "{text}");
        assert!(!reading.is_ambiguous, "{text}");
    }
    assert_eq!(money(" \u{a0} "), Ok(None));
}

#[test]
fn a_minus_is_read_where_a_negative_is_allowed() {
    for text in ["-15.20", "\u{2212}15,20", "-S/ 15.20", "S/ -15.20", "- 15.2"] {
        assert_eq!(amount(read_balance(text)), "-15.20", "{text}");
        assert_eq!(money(text), Err(NEGATIVE), "{text}");
    }
    assert_eq!(read_kilos("-1"), Err(NEGATIVE));
    for text in ["--2", "-S/-2", "-", "2-"] {
        assert!(read_balance(text).is_err(), "{text}");
    }
}

#[test]
fn what_is_not_an_amount_is_refused() {
    let everywhere = [
        "abc",
        "1e3",
        "--2",
        ".",
        ",",
        "S/",
        "2 kg",
        "1,234,5",
        "1.234.5",
        "1,23,4.5",
        "1,,5",
        "1..5",
        "1,.5",
        "1 23",
        "0 250",
        "0,123.4",
        "1234,567.8",
        "1,234.",
        "12,34 5",
        "1,2 34",
        "1;5",
        "１２",
        "١٢",
        "1٫5",
        "9999999999999",
        "99999999999999999999999",
        "+5",
        "0x10",
        "½",
        "1_000",
    ];
    for text in everywhere {
        for reading in [read_kilos(text), read_pieces(text)] {
            assert!(reading.is_err(), "{text}: {reading:?}");
        }
        assert!(money(text).is_err(), "{text}: {:?}", money(text));
        assert!(read_balance(text).is_err(), "{text}");
    }
    for text in ["0,250", "0.250", "1.2345", "1234.567", "1,234.567", "1 234,567"] {
        assert_eq!(money(text), Err(TypedFault(MONEY.too_many_places)), "{text}");
    }
    for text in ["1.2345", "1,234.5678"] {
        assert_eq!(read_kilos(text), Err(TypedFault(KILOS.too_many_places)), "{text}");
    }
    for text in ["1,234,567", "S/ 5", "1.234.567"] {
        assert!(read_kilos(text).is_err(), "{text}");
    }
}

/// How a person may write a number, kept apart from the parser: digits are laid out one by one.
#[derive(Debug, Clone)]
struct Spelling {
    mark: char,
    group: Option<char>,
    /// Fewer places than the field has: zeros at the end are left out.
    is_short: bool,
    /// `.5`
    is_bare: bool,
    padding: (usize, usize),
}

impl Spelling {
    fn write(&self, units: u64, places: u32) -> String {
        let one = 10_u64.pow(places);
        let (whole, mut fraction) =
            (units / one, format!("{:0places$}", units % one, places = places as usize));
        while self.is_short && fraction.ends_with('0') {
            fraction.pop();
        }
        let mut text = String::new();
        let digits = whole.to_string();
        for (at, digit) in digits.chars().enumerate() {
            if let Some(group) = self.group.filter(|_| at > 0 && (digits.len() - at) % 3 == 0) {
                text.push(group);
            }
            text.push(digit);
        }
        if self.is_bare && whole == 0 && !fraction.is_empty() {
            text.clear();
        }
        if !fraction.is_empty() {
            text.push(self.mark);
            text += &fraction;
        }
        format!("{}{text}{}", " ".repeat(self.padding.0), " ".repeat(self.padding.1))
    }
}

fn spellings() -> impl Strategy<Value = Spelling> {
    let marks = prop_oneof![Just('.'), Just(',')];
    let groups = proptest::sample::select(vec![
        None,
        Some('.'),
        Some(','),
        Some(' '),
        Some('\u{a0}'),
        Some('\u{202f}'),
        Some('\''),
        Some('’'),
    ]);
    (marks, groups, any::<bool>(), any::<bool>(), (0..2_usize, 0..2_usize))
        .prop_filter("nobody groups by the decimal mark", |(mark, group, ..)| Some(*mark) != *group)
        .prop_map(|(mark, group, is_short, is_bare, padding)| Spelling {
            mark,
            group,
            is_short,
            is_bare,
            padding,
        })
}

/// `1,234` or `1.234`: one to three digits, one mark, three digits.
fn has_two_readings(text: &str) -> bool {
    let parts: Vec<&str> = text.trim().split(['.', ',']).collect();
    match parts[..] {
        [whole, rest] => {
            (1..=3).contains(&whole.len())
                && !whole.starts_with('0')
                && rest.len() == 3
                && (whole.to_owned() + rest).chars().all(|digit| digit.is_ascii_digit())
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// A person who groups a weight writes its decimal mark too: `1,234` alone is 1.234 kg by rule.
    #[test]
    fn a_weight_is_read_as_meant_or_refused(units in 1..=9_999_999_u64, spelling in spellings()) {
        let text = spelling.write(units, 3);
        prop_assume!(!(units % 1000 == 0 && spelling.is_short && has_two_readings(&text)));
        if let Ok(reading) = read_kilos(&text) {
            let meant = Quantity::from_units(i64::try_from(units).unwrap());
            prop_assert_eq!(reading, Some(Reading { amount: meant, is_ambiguous: false }), "{:?}", text);
        }
    }

    /// Without grouping nothing is refused.
    #[test]
    fn a_weight_without_grouping_is_always_read(units in 1..=9_999_999_u64, spelling in spellings()) {
        let text = Spelling { group: None, ..spelling }.write(units, 3);
        let meant = Quantity::from_units(i64::try_from(units).unwrap());
        prop_assert_eq!(read_kilos(&text).unwrap().unwrap().amount, meant, "{:?}", text);
    }

    #[test]
    fn money_is_read_as_meant(units in 1..=999_999_999_u64, spelling in spellings(), currency in any::<bool>()) {
        let written = spelling.write(units, 2);
        let text = if currency { format!("S/ {}", written.trim()) } else { written.clone() };
        let meant = Money::from_units(i64::try_from(units).unwrap());
        let is_ambiguous = has_two_readings(&written);
        prop_assert_eq!(read_money(&text), Ok(Some(Reading { amount: meant, is_ambiguous })), "{:?}", text);
    }

    /// Prices have been typed with three decimals: such a text is refused or marked, never saved.
    #[test]
    fn money_with_three_places_is_refused_or_marked(units in 1..=99_999_999_u64, spelling in spellings()) {
        let text = Spelling { is_short: false, ..spelling }.write(units, 3);
        if let Ok(Some(reading)) = read_money(&text) {
            prop_assert!(reading.is_ambiguous && has_two_readings(&text), "{:?}", text);
        }
    }

    #[test]
    fn a_balance_reads_what_money_reads_and_no_text_panics(text in ".*", close in "[-0-9.,' S/\u{a0}]{0,12}") {
        for text in [&text, &close] {
            let money = read_money(text);
            prop_assert!(money.is_err() || money == read_balance(text));
            prop_assert!(read_kilos(text).is_err() || !read_kilos(text).unwrap().is_some_and(|read| read.is_ambiguous));
            prop_assert!(read_pieces(text).is_err() || read_pieces(text).unwrap().is_none_or(|read| read.amount >= Quantity::ZERO));
        }
    }
}
