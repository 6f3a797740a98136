//! DynamoDB on this machine: dynoxide in memory on a thread of its own, with our four tables.

use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;

use dynoxide::Database;
use serde_json::{Value, json};
use store::dynamodb::{DynamoTables, Settings, TableNames};
use store::tables::Table;
use tokio::sync::oneshot;

/// A server; it ends with this.
pub(crate) struct LocalDynamo {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl LocalDynamo {
    pub(crate) fn start() -> Self {
        let database = Database::memory().unwrap();
        for table in Table::ALL {
            let request = protocol::json::from_value(&create_table(table)).unwrap();
            database.create_table(request).unwrap();
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            crate::run(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let stopped = async { stopped.await.unwrap_or(()) };
                dynoxide::server::serve_with_shutdown(listener, database, stopped).await.unwrap();
            });
        });
        Self { address, stop: Some(stop), thread: Some(thread) }
    }

    /// The adapter as a function makes it, from its environment.
    pub(crate) fn tables(&self) -> DynamoTables {
        DynamoTables::new(self.settings())
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings {
            region: "us-east-1".into(),
            endpoint: Some(format!("http://{}", self.address)),
            attempts: 3,
            access_key_id: "local".into(),
            secret_access_key: "local".into(),
            session_token: None,
            names: TableNames {
                records: Some(name(Table::Records).into()),
                operations: Some(name(Table::Operations).into()),
                changes: Some(name(Table::Changes).into()),
                accounts: Some(name(Table::Accounts).into()),
            },
        }
    }
}

impl Drop for LocalDynamo {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            assert!(thread.join().is_ok() || std::thread::panicking(), "the server panicked");
        }
    }
}

fn name(table: Table) -> &'static str {
    match table {
        Table::Records => "records-test",
        Table::Operations => "operations-test",
        Table::Changes => "changes-test",
        Table::Accounts => "accounts-test",
    }
}

fn create_table(table: Table) -> Value {
    let (partition, sort) = (table.partition_attribute(), table.sort_attribute());
    let text = |name: &str| json!({"AttributeName": name, "AttributeType": "S"});
    let keys = |sort: &str| {
        json!([
            {"AttributeName": partition, "KeyType": "HASH"},
            {"AttributeName": sort, "KeyType": "RANGE"},
        ])
    };
    let mut request = json!({
        "TableName": name(table),
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [text(partition), text(sort)],
        "KeySchema": keys(sort),
    });
    if table == Table::Records {
        request["AttributeDefinitions"] = json!([text(partition), text(sort), text("sellerDate")]);
        request["LocalSecondaryIndexes"] = json!([{
            "IndexName": "sellerDate",
            "KeySchema": keys("sellerDate"),
            "Projection": {"ProjectionType": "ALL"},
        }]);
    }
    request
}
