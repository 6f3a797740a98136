//! `businesses`, `create-business`, `reset-password`, `activate`.

use auth::{NamedBusiness, Operator};
use protocol::{BusinessId, RegisterRequest};
use serde_json::json;
use store::dynamodb::{DynamoTables, RealSurroundings};

use crate::cli::{CreateBusiness, ResetPassword};
use crate::confirm::{Password, password};
use crate::place::Place;
use crate::problem::Problem;
use crate::report::Report;

impl Place {
    /// The accounts of this place.
    pub(crate) fn operator(&self) -> Operator<DynamoTables, RealSurroundings> {
        Operator::new(self.tables.clone(), RealSurroundings)
    }

    /// The ids of all businesses.
    pub(crate) async fn businesses(&self) -> Result<Vec<BusinessId>, Problem> {
        Ok(store::record_changes::businesses(&self.tables, &self.clock).await?)
    }

    /// A business that has to be there.
    pub(crate) async fn business(&self, id: &BusinessId) -> Result<NamedBusiness, Problem> {
        let found = self.operator().business(id).await?;
        found.ok_or_else(|| Problem::NoBusiness(id.clone()))
    }
}

/// Lists them by name.
pub(crate) async fn list(place: &Place) -> Result<Report, Problem> {
    let mut found = Vec::new();
    for id in place.businesses().await? {
        found.extend(place.operator().business(&id).await?);
    }
    found.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    let lines = found.iter().map(|one| format!("{}  {}", one.id, one.name));
    let mut lines: Vec<String> = lines.collect();
    lines.push(format!("{} businesses", found.len()));
    Ok(Report::new(lines, json!({ "businesses": found })))
}

/// Makes one.
pub(crate) async fn create(place: &Place, wanted: &CreateBusiness) -> Result<Report, Problem> {
    let password = password(wanted.password_stdin)?;
    let request = RegisterRequest {
        business_name: wanted.name.clone(),
        name: wanted.admin.clone(),
        email: wanted.email.clone(),
        password: password.text.clone(),
    };
    let made = place.operator().create_business(&request).await?;
    let mut lines = vec![format!("made the business {} with id {}", made.name, made.id)];
    lines.push(format!("{} signs in with {}", wanted.admin.trim(), wanted.email.trim()));
    let mut data = json!({ "business": made });
    tell(&password, &mut lines, &mut data);
    Ok(Report::new(lines, data))
}

/// Gives the only administrator a new password.
pub(crate) async fn reset_password(
    place: &Place,
    wanted: &ResetPassword,
) -> Result<Report, Problem> {
    let password = password(wanted.password_stdin)?;
    let person = place.operator().reset_password(&wanted.email, &password.text).await?;
    let mut lines =
        vec![format!("{} ({}) has a new password; his sessions ended", person.name, person.email)];
    let mut data = json!({ "user": person });
    tell(&password, &mut lines, &mut data);
    Ok(Report::new(lines, data))
}

/// Lets a deactivated user in again.
pub(crate) async fn activate(place: &Place, wanted: &ResetPassword) -> Result<Report, Problem> {
    let password = password(wanted.password_stdin)?;
    let person = place.operator().activate(&wanted.email, &password.text).await?;
    let mut lines = vec![format!("{} ({}) may sign in again", person.name, person.email)];
    let mut data = json!({ "user": person });
    tell(&password, &mut lines, &mut data);
    Ok(Report::new(lines, data))
}

fn tell(password: &Password, lines: &mut Vec<String>, data: &mut serde_json::Value) {
    if password.is_new {
        lines.push(format!("password: {} (not shown again)", password.text));
        data["password"] = password.text.as_str().into();
    }
}
