//! The week as bars, and as a table for whoever does not see them.

use protocol::Money;
use yew::prelude::*;

use crate::format::soles;

/// One day.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bar {
    pub(crate) name: AttrValue,
    pub(crate) amount: Money,
}

#[derive(Properties, PartialEq)]
pub(crate) struct WeekChartProps {
    /// The last one is today.
    pub(crate) bars: Vec<Bar>,
}

#[component]
pub(crate) fn WeekChart(props: &WeekChartProps) -> Html {
    let most = props.bars.iter().map(|bar| cents(bar.amount)).max().unwrap_or(0).max(1);
    let last = props.bars.len().saturating_sub(1);
    let bars = props.bars.iter().enumerate().map(|(index, bar)| {
        let height = (cents(bar.amount) * HEIGHT / most).max(3);
        let x = index * STEP + GAP / 2;
        html! {
            <>
                <rect class={classes!("bar", (index == last).then_some("now"))} rx="6"
                    x={x.to_string()} y={(TOP + HEIGHT - height).to_string()}
                    width={(STEP - GAP).to_string()} height={height.to_string()} />
                <text x={(index * STEP + STEP / 2).to_string()} y={(TOP + HEIGHT + 18).to_string()}>
                    { &bar.name }
                </text>
            </>
        }
    });
    let view = format!("0 0 {} {}", STEP * props.bars.len(), TOP + HEIGHT + 24);
    html! {
        <figure>
            <svg class="chart" viewBox={view} aria-hidden="true">{ for bars }</svg>
            <table class="hidden-text">
                <caption>{ "Ventas de los últimos días" }</caption>
                <thead>
                    <tr><th scope="col">{ "Día" }</th><th scope="col">{ "Monto" }</th></tr>
                </thead>
                <tbody>
                    { for props.bars.iter().map(|bar| html! {
                        <tr><th scope="row">{ &bar.name }</th><td>{ soles(bar.amount) }</td></tr>
                    }) }
                </tbody>
            </table>
        </figure>
    }
}

/// Whole céntimos; what lies below zero has no bar.
fn cents(amount: Money) -> u64 {
    amount.to_string().replace('.', "").parse().unwrap_or(0)
}

const STEP: usize = 48;
const GAP: usize = 14;
const HEIGHT: u64 = 96;
const TOP: u64 = 6;
