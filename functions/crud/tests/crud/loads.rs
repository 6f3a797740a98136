//! Distribuciones: whose, of which day, how far, and their close.

use serde_json::{Value, json};

use crate::world::World;

fn load(id: &str, seller: &str, fecha: &str) -> Value {
    json!({"id": id, "vendedorId": seller, "puntoVenta": "Carro A", "fecha": fecha,
           "items": [{"variantId": "v1", "cantidadAsignada": "12.500", "unidad": "kg"}]})
}

async fn loads(world: &World) -> (String, String) {
    let (admin, rosa) = (world.admin().await, world.rosa().await);
    for (id, seller, fecha) in
        [("d1", "rosa", "2026-11-21"), ("d2", "rosa", "2026-11-22"), ("d3", "admin", "2026-11-22")]
    {
        let made = world.made(&admin, "/distribuciones", load(id, seller, fecha)).await;
        assert_eq!(made["kilosAsignados"], "12.500");
    }
    (admin, rosa)
}

#[tokio::test]
async fn loads_are_listed_by_day_seller_and_state() {
    let world = World::new().await;
    let (admin, rosa) = loads(&world).await;
    let started = json!({"estado": "en_ruta"});
    world.call(&admin, "PUT", "/distribuciones/d1", &[], started).await;
    for (token, query, expected) in [
        (&admin, "", &["d1", "d2", "d3"][..]),
        (&rosa, "", &["d1", "d2", "d3"]),
        (&admin, "?fecha=2026-11-22", &["d2", "d3"]),
        (&admin, "?vendedorId=rosa", &["d1", "d2"]),
        (&admin, "?vendedorId=rosa&fecha=2026-11-21", &["d1"]),
        (&admin, "?estado=activo", &["d2", "d3"]),
        (&admin, "?estado=en_ruta&fecha=2026-11-22", &[]),
        (&rosa, "/mine", &["d1", "d2"]),
        (&rosa, "/mine?fecha=2026-11-22", &["d2"]),
        (&rosa, "/mine?estado=en_ruta", &["d1"]),
        (&admin, "/mine", &["d3"]),
    ] {
        let listed = world.listed(token, &format!("/distribuciones{query}")).await;
        assert_eq!(listed, expected, "{query}");
    }
    let (newest_first, _) = world.ids(&rosa, "/distribuciones/mine", 1).await;
    assert_eq!(newest_first, ["d2", "d1"]);
}

#[tokio::test]
async fn a_load_is_given_to_somebody_of_the_business() {
    let world = World::new().await;
    let (admin, rosa) = loads(&world).await;
    let before = world.records();
    let post = async |token: &str, seller: &str| {
        let body = load("d9", seller, "2026-11-20");
        world.call(token, "POST", "/distribuciones", &[], body).await
    };
    for stranger in ["nobody", "rosa#1", "b2"] {
        let got = post(&admin, stranger).await;
        assert_eq!(got.failure(), (422, "invalid_field"), "{stranger}");
        assert_eq!(got.body["error"]["details"]["path"], "vendedorId");
    }
    // Who may not assign at all learns nothing of who there is.
    assert_eq!(post(&rosa, "nobody").await.failure(), (403, "forbidden"));
    assert_eq!(world.records(), before);
    // One who has left may still be given the load of the day that he worked.
    assert_eq!(post(&admin, "luis").await.status, 201);
}

#[tokio::test]
async fn a_seller_closes_his_own_load_once() {
    let world = World::new().await;
    let (admin, rosa) = loads(&world).await;
    let close = async |token: &str, id: &str, body: Value| {
        world.call(token, "PATCH", &format!("/distribuciones/{id}/close"), &[], body).await
    };
    assert_eq!(close(&rosa, "d3", json!({})).await.failure(), (403, "forbidden"));
    assert_eq!(close(&rosa, "d9", json!({})).await.failure(), (404, "record_not_found"));
    let other = json!({"kilosDevueltos": "1.000", "puntoVenta": "Casa"});
    let got = close(&rosa, "d2", other).await;
    assert_eq!(
        (got.failure().1, &got.body["error"]["details"]["path"]),
        ("invalid_request", &json!("puntoVenta"))
    );
    let got = close(&rosa, "d2", json!({"kilosDevueltos": "-1"})).await;
    assert_eq!(got.failure(), (422, "invalid_amount"));
    let got = close(&rosa, "d2", json!({"kilosDevueltos": "1.5"})).await;
    assert_eq!((got.status, &got.data()["estado"]), (200, &json!("cerrado")), "{}", got.body);
    assert_eq!(got.data()["kilosDevueltos"], "1.500");
    assert_eq!(close(&admin, "d3", json!({})).await.data()["estado"], "cerrado");
    let got = world
        .call(
            &rosa,
            "PATCH",
            "/distribuciones/d2/close",
            &[("if-match", "\"2\"")],
            json!({"kilosDevueltos": "2"}),
        )
        .await;
    assert_eq!(got.failure(), (409, "distribucion_closed"));
}

#[tokio::test]
async fn one_load_of_a_seller_and_day_and_only_an_administrator_deletes_it() {
    let world = World::new().await;
    let (admin, rosa) = loads(&world).await;
    let second = load("d4", "rosa", "2026-11-22");
    let got = world.call(&admin, "POST", "/distribuciones", &[], second).await;
    assert_eq!(got.failure(), (409, "distribucion_exists"));
    let delete = async |token: &str| {
        world.call(token, "DELETE", "/distribuciones/d2", &[], json!(null)).await
    };
    assert_eq!(delete(&rosa).await.failure(), (403, "forbidden"));
    assert_eq!(delete(&admin).await.status, 200);
    assert_eq!(world.listed(&rosa, "/distribuciones/mine").await, ["d1"]);
}
