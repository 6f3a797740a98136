//! Reports: figures that follow from records.

use serde_json::{Value, json};

use crate::world::World;

fn sale(id: &str, seller: &str, client: Option<&str>, paid: &str, product: &str) -> Value {
    let kind = if client.is_some() { "credito" } else { "contado" };
    json!({"id": id, "sellerId": seller, "clientId": client, "saleType": kind, "amountPaid": paid,
           "items": [{"id": "i1", "productId": product, "productName": "Pollo", "quantity": "2",
                      "unitPrice": "10.00", "subtotal": "20.00"}]})
}

/// Rosa sold 20 of chicken for cash and 20 of eggs on credit (5 paid), and took 8 in two abonos;
/// the administrator sold 20 for cash.
async fn a_day(world: &World) -> String {
    let token = world.admin().await;
    let egg = json!({"id": "egg", "name": "Huevo", "type": "huevo", "unit": "unidad",
                     "basePrice": "0.50"});
    world.made(&token, "/products", egg).await;
    let customer = json!({"id": "c1", "name": "María", "phone": "999", "saldoInicial": "7.00"});
    world.made(&token, "/customers", customer).await;
    world.made(&token, "/customers", json!({"id": "c2", "name": "José"})).await;
    world.made(&token, "/sales", sale("s1", "rosa", None, "20.00", "p1")).await;
    world.made(&token, "/sales", sale("s2", "rosa", Some("c1"), "5.00", "egg")).await;
    world.made(&token, "/sales", sale("s3", "admin", None, "20.00", "p1")).await;
    world.made(&token, "/sales", sale("s4", "rosa", None, "20.00", "p1")).await;
    world.call(&token, "DELETE", "/sales/s4", &[], json!(null)).await;
    for (id, method, amount) in [("a1", "efectivo", "3.00"), ("a2", "yape", "5.00")] {
        let abono = json!({"id": id, "sellerId": "rosa", "clientId": "c1", "amount": amount,
                           "paymentMethod": method});
        world.made(&token, "/abonos", abono).await;
    }
    token
}

#[tokio::test]
async fn receivables_name_who_owes_and_how_much() {
    let world = World::new().await;
    let token = a_day(&world).await;
    let got = world.get(&token, "/reports/accounts-receivable").await;
    // 7 from before, 15 of the sale, 8 paid since.
    assert_eq!(got.data()["total"], "14.00");
    let customers = got.data()["customers"].as_array().unwrap();
    assert_eq!(customers.len(), 1);
    assert_eq!((&customers[0]["clientId"], &customers[0]["debt"]), (&json!("c1"), &json!("14.00")));
    let theirs = world.token("b2", "admin", protocol::Role::AdminNegocio).await;
    let got = world.get(&theirs, "/reports/accounts-receivable").await;
    assert_eq!(got.data(), &json!({"total": "0.00", "customers": []}));
}

#[tokio::test]
async fn a_day_is_told_by_seller_and_altogether() {
    let world = World::new().await;
    let token = a_day(&world).await;
    let got = world.get(&token, "/reports/day").await;
    let report = got.data();
    assert_eq!(
        (&report["date"], &report["figures"]["totalSales"]),
        (&json!("2026-11-22"), &json!(3))
    );
    assert_eq!(report["figures"]["totalAmount"], "60.00");
    assert_eq!(report["cashExpected"], "48.00");
    let sellers = report["sellers"].as_array().unwrap();
    let ids: Vec<&str> = sellers.iter().map(|day| day["sellerId"].as_str().unwrap()).collect();
    assert_eq!(ids, ["admin", "rosa"]);
    let rosa = &sellers[1]["figures"];
    assert_eq!(
        (&rosa["cashAmount"], &rosa["creditAmount"], &rosa["totalKilos"]),
        (&json!("25.00"), &json!("15.00"), &json!("2.000")),
        "eggs do not weigh"
    );
    assert_eq!(rosa["paymentsByMethod"]["yape"], "5.00");
    let of_rosa = world.get(&token, "/reports/day?sellerId=rosa&date=2026-11-22").await;
    assert_eq!(&of_rosa.data()["figures"], rosa);
    for empty in ["date=2026-11-21", "sellerId=luis"] {
        let got = world.get(&token, &format!("/reports/day?{empty}")).await;
        assert_eq!(got.data()["figures"]["totalSales"], 0, "{empty}");
        assert_eq!(got.data()["sellers"], json!([]), "{empty}");
    }
}
