//! The demo business, put in through the HTTP interface itself, before the stack says that it is
//! ready: as its administrator's and its sellers' phones would do it.
//!
//! Start reading at [`demo`]. `catalog`, `customers` and `people` are tables; `day` says what
//! follows from them and a date; `operations` is that as operations; `client` sends them. All of
//! it is sent at every start. What is there already is answered as a duplicate, so a new day adds
//! its sales, and an interrupted start is made good by the next.

mod catalog;
mod client;
mod customers;
mod day;
mod dice;
mod hours;
mod operations;
mod people;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use jiff::civil::Date;
use protocol::{ErrorCode, Role, TeamMember, TeamMemberRequest, UserId};
use serde_json::{Value, json};

pub(crate) use client::SeedError;

use crate::console;
use catalog::{PRODUCTS, variants};
use client::{Client, Phone};
use hours::Week;
use people::{ADMIN, BUSINESS_NAME, PASSWORD, SELLERS, Seller};

/// Puts the demo business in by way of `origin`, with the week of sales that ends today, or on
/// `last_day`. Blocks until it is there.
///
/// # Errors
/// When anything is refused in a business that this call has made. One that was there before
/// belongs to whoever works with it: what it refuses is told, and the stack starts.
pub(crate) fn demo(origin: &str, last_day: Option<Date>) -> Result<(), SeedError> {
    let now = Timestamp::now();
    let week = match last_day {
        None => Week::until(now),
        Some(day) => Week::until_day(day, now).ok_or(SeedError::DayToCome(day))?,
    };
    let client = Client::new(origin);
    let (admin, origin) = match sign_in(&client) {
        Err(SeedError::Answer { code: ErrorCode::EmailTaken, .. }) => {
            say(&format!("{} has another password by now; nothing is added", ADMIN.email));
            return Ok(());
        }
        signed_in => signed_in?,
    };
    let team = origin.settle(put_company_in(&admin, week))?.unwrap_or_default();
    origin.settle(put_loads_in(&admin, &team, week))?;
    for (seller, _) in team {
        origin.settle(put_sales_in(&client, seller, week))?;
    }
    admin.leave()?;
    say(&format!("ready, with sales until {}", week.last()));
    Ok(())
}

/// Whether the business was made by this very call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Made,
    Found,
}

impl Origin {
    /// A refusal is an error of ours only where nobody but us has written.
    fn settle<T>(self, outcome: Result<T, SeedError>) -> Result<Option<T>, SeedError> {
        match outcome {
            Err(
                refusal @ (SeedError::Answer { status: ..500, .. }
                | SeedError::Refused { .. }
                | SeedError::Unsettled { .. }),
            ) if self == Self::Found => {
                say(&format!("the business has changed, some is left out ({refusal})"));
                Ok(None)
            }
            outcome => outcome.map(Some),
        }
    }
}

fn sign_in(client: &Client) -> Result<(Phone, Origin), SeedError> {
    match client.login(&ADMIN) {
        Ok(admin) => {
            say(&format!("{BUSINESS_NAME} is there, adding what is new"));
            Ok((admin, Origin::Found))
        }
        Err(SeedError::Answer { code: ErrorCode::InvalidCredentials, .. }) => {
            let admin = client.register(BUSINESS_NAME, &ADMIN)?;
            say(&format!("{BUSINESS_NAME} is registered"));
            Ok((admin, Origin::Made))
        }
        Err(error) => Err(error),
    }
}

/// A seller with the id that the system gave him.
type Member = (&'static Seller, UserId);

/// The administrator's part: team, catalogue, customers.
fn put_company_in(admin: &Phone, week: Week) -> Result<Vec<Member>, SeedError> {
    let team = put_team_in(admin)?;
    say(&format!("{} products with {} variants", PRODUCTS.len(), variants().count()));
    for product in PRODUCTS {
        let key = format!("demo-{}", product.id);
        admin.post("/products", &key, &operations::product(product))?;
    }
    for (product, variant) in variants() {
        let key = format!("demo-{}", variant.id);
        admin.post("/product-variants", &key, &operations::variant(product, variant))?;
    }
    let customers = operations::customers(week);
    say(&format!("{} customers", customers.len()));
    admin.push(&customers)?;
    Ok(team)
}

/// The administrator's too: what each seller takes along each day.
fn put_loads_in(admin: &Phone, team: &[Member], week: Week) -> Result<(), SeedError> {
    let loads = team.iter().flat_map(|(seller, user)| operations::loads(seller, user, week));
    let loads: Vec<_> = loads.collect();
    say(&format!("{} loads", loads.len()));
    admin.push(&loads)
}

/// The sellers with their ids; who is missing is made.
fn put_team_in(admin: &Phone) -> Result<Vec<Member>, SeedError> {
    let known = |members: &[TeamMember], seller: &Seller| {
        let member = members.iter().find(|member| member.email == seller.person.email);
        member.map(|member| member.id.clone())
    };
    let members: Vec<TeamMember> = admin.get("/team")?;
    let missing = SELLERS.iter().filter(|seller| known(&members, seller).is_none());
    for seller in missing {
        let request = TeamMemberRequest {
            name: seller.person.name.to_owned(),
            email: seller.person.email.to_owned(),
            password: PASSWORD.to_owned(),
            role: Role::Vendedor,
            sales_point: Some(seller.sales_point.to_owned()),
            own_password: None,
        };
        say(&format!("{} joins the team", request.name));
        admin.post("/team", &format!("demo-{}", seller.person.slug), &json!(request))?;
    }
    let members: Vec<TeamMember> = admin.get("/team")?;
    Ok(SELLERS.iter().filter_map(|seller| Some((seller, known(&members, seller)?))).collect())
}

/// A seller's part, from his own phone.
fn put_sales_in(client: &Client, seller: &Seller, week: Week) -> Result<(), SeedError> {
    let phone = client.login(&seller.person)?;
    let mut done = left_open(&phone, seller, week)?;
    done.extend(operations::week_of(seller, week));
    say(&format!("{} operations of {}", done.len(), seller.person.name));
    phone.push(&done)?;
    phone.leave()
}

/// Closes the last load of an earlier week: on its day nobody could know that he had come home, and
/// after a pause of more than a week this week does not tell of that day.
fn left_open(phone: &Phone, seller: &Seller, week: Week) -> Result<Vec<Value>, SeedError> {
    // The first page looks at some years of loads.
    let open: Value = phone.get("/distribuciones/mine?estado=en_ruta&limit=100")?;
    let loads = open["items"].as_array().map_or(&[][..], Vec::as_slice);
    let days = loads.iter().filter_map(|load| {
        let day: Date = load["fecha"].as_str()?.parse().ok()?;
        // Only what we have put in: whatever else is open is somebody's own.
        let is_ours = load["id"].as_str() == Some(&*day::load(seller, day).id);
        (is_ours && day < week.first()).then_some(day)
    });
    Ok(days.map(|day| operations::close_of(seller, day, week)).collect())
}

fn say(text: &str) {
    console::line(&format!("demo data: {text}"));
}
