//! The alarms as the template has them, and what the operators' guide says of each.

use std::collections::BTreeSet;

use serde_yaml_ng::Value as Yaml;

const TEMPLATE: &str = include_str!("../../../../template.yaml");
/// What operators read.
pub(crate) const GUIDE: &str = include_str!("../../../../infra/OPERATIONS.md");

/// An alarm over metrics that functions of ours write.
#[derive(Debug)]
pub(crate) struct Alarm {
    pub(crate) id: String,
    /// Function and metric, each by its name.
    pub(crate) metrics: Vec<(String, String)>,
    /// All that was written counts together; else the worst of it.
    pub(crate) is_sum: bool,
    pub(crate) threshold: f64,
    /// It rings at its threshold already.
    pub(crate) at_threshold: bool,
}

/// All of them.
pub(crate) fn alarms() -> Vec<Alarm> {
    let found: Vec<Alarm> = resources().filter_map(|(id, alarm)| read(&id, &alarm)).collect();
    assert!(found.len() > 10, "the alarms were found");
    found
}

/// The metrics of ours that the template shows to anybody: by an alarm or on the dashboard.
pub(crate) fn metrics_of_the_template() -> BTreeSet<String> {
    let alarms = alarms().into_iter().flat_map(|alarm| alarm.metrics);
    let mut names: BTreeSet<String> = alarms.map(|(_, metric)| metric).collect();
    for after in TEMPLATE.split(r#"["Avileo", ""#).skip(1) {
        names.insert(after.split('"').next().unwrap().to_owned());
    }
    names
}

fn resources() -> impl Iterator<Item = (String, Yaml)> {
    let template: Yaml = serde_yaml_ng::from_str(TEMPLATE).unwrap();
    let resources = template["Resources"].as_mapping().unwrap().clone();
    resources
        .into_iter()
        .filter(|(_, resource)| resource["Type"] == "AWS::CloudWatch::Alarm")
        .map(|(id, resource)| (id.as_str().unwrap().to_owned(), resource["Properties"].clone()))
}

/// Nothing of an alarm over metrics of AWS's own.
fn read(id: &str, alarm: &Yaml) -> Option<Alarm> {
    let parts = alarm["Metrics"].as_sequence().into_iter().flatten();
    let parts: Vec<&Yaml> =
        parts.map(|part| &part["MetricStat"]).filter(|stat| !stat.is_null()).collect();
    let (metrics, statistic) = match parts.first() {
        Some(first) => (parts.iter().map(|part| &part["Metric"]).collect(), &first["Stat"]),
        None => (vec![alarm], &alarm["Statistic"]),
    };
    if metrics.iter().any(|metric| metric["Namespace"] != "Avileo") {
        return None;
    }
    let named = |metric: &&Yaml| {
        let dimensions = metric["Dimensions"].as_sequence().unwrap();
        let function = dimensions.iter().find(|dimension| dimension["Name"] == "Function").unwrap();
        let Yaml::Tagged(function) = &function["Value"] else { panic!("{id}: no !Ref") };
        let text = |value: &Yaml| value.as_str().unwrap().to_owned();
        (text(&function.value), text(&metric["MetricName"]))
    };
    Some(Alarm {
        id: id.to_owned(),
        metrics: metrics.iter().map(named).collect(),
        is_sum: statistic == "Sum",
        threshold: alarm["Threshold"].as_f64().unwrap(),
        at_threshold: alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold",
    })
}

#[test]
fn the_guide_says_of_each_alarm_what_it_means_and_what_to_do() {
    let (_, section) = GUIDE.split_once("\n## Alarms\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let mut explained = Vec::new();
    for row in section.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        assert!(cells.len() == 3 && cells.iter().all(|cell| !cell.is_empty()), "{row}");
        if let Some(section) = cells[2].strip_prefix('"').and_then(|cell| cell.strip_suffix('"')) {
            assert!(GUIDE.contains(&format!("\n## {section}\n")), "no section {section}");
        }
        explained.extend(cells[0].split('`').filter(|name| name.ends_with("Alarm")));
    }
    let count = explained.len();
    let explained: BTreeSet<String> = explained.into_iter().map(str::to_owned).collect();
    assert_eq!(explained.len(), count, "an alarm is explained twice");
    assert_eq!(explained, resources().map(|(id, _)| id).collect());
}
