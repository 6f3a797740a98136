//! A whole stack for a test: a template of its own, real processes, and a plain HTTP client.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A stack that runs; killed when the test ends.
pub(crate) struct Stack {
    child: Child,
    pub(crate) status: Value,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Folders and files of one test.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        place.write_template(TEMPLATE);
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write_template(&self, text: &str) {
        let log = self.path("log").display().to_string();
        let text = format!("{}\n{}", text.replace("{log}", &log), edge());
        std::fs::write(self.path("template.yaml"), text).unwrap();
    }

    /// The command `local run` with data in this place.
    pub(crate) fn command(&self, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
        command.arg("run").arg("--template").arg(self.path("template.yaml"));
        command.arg("--bin-dir").arg(functions()).arg("--status-file").arg(self.path("status"));
        if !more.contains(&"--memory") && !more.contains(&"--data") {
            command.arg("--data").arg(self.path("data"));
        }
        if !more.contains(&"--port") {
            command.args(["--port", "0"]);
        }
        command.args(more);
        command
    }

    /// Runs it until it says that it is ready.
    pub(crate) fn start(&self, more: &[&str]) -> Stack {
        let mut child = self.command(more).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("ready ").expect("it says that it is ready");
        let status: Value =
            protocol::json::from_slice(&std::fs::read(self.path("status")).unwrap()).unwrap();
        assert_eq!(status["url"], url);
        Stack { child, status }
    }

    /// Runs it, expecting it to give up.
    pub(crate) fn refused(&self, more: &[&str]) -> String {
        let Output { status, stdout, stderr } = self.command(more).output().unwrap();
        assert!(!status.success());
        assert!(stdout.is_empty(), "{}", String::from_utf8_lossy(&stdout));
        String::from_utf8_lossy(&stderr).into_owned()
    }

    /// Ends all failing.
    pub(crate) fn heal(&self) {
        std::fs::write(self.path("log.healed"), "").unwrap();
    }

    /// What the stream's function has consumed, as `(item, value)`.
    pub(crate) fn consumed(&self) -> Vec<(String, u64)> {
        let log = std::fs::read_to_string(self.path("log")).unwrap_or_default();
        let read = |line: &str| {
            let mut parts = line.split(' ').skip(1).map(String::from);
            Some((parts.next()?, parts.next()?.parse().ok()?))
        };
        log.lines().filter_map(read).collect()
    }
}

impl Stack {
    pub(crate) fn url(&self, name: &str) -> String {
        self.status[name].as_str().unwrap().to_string()
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], b"")
    }

    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        request(&self.url("url"), method, path, headers, body)
    }

    /// Puts an item into the table that streams.
    pub(crate) fn put(&self, record: &str, value: u64, fail: &str) {
        let mut item = json!({
            "business": {"S": "b"}, "record": {"S": record}, "value": {"N": value.to_string()},
        });
        if !fail.is_empty() {
            item["fail"] = json!({"S": fail});
        }
        let table = &self.status["tables"]["RecordsTable"];
        self.dynamodb("PutItem", &json!({"TableName": table, "Item": item}));
    }

    pub(crate) fn dynamodb(&self, action: &str, body: &Value) -> Value {
        let target = format!("DynamoDB_20120810.{action}");
        let authorization = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/\
            aws4_request, SignedHeaders=host, Signature=0";
        let headers = [
            ("content-type", "application/x-amz-json-1.0"),
            ("x-amz-target", target.as_str()),
            ("authorization", authorization),
            ("x-amz-date", "20260101T000000Z"),
        ];
        let answer =
            request(&self.url("dynamodb"), "POST", "/", &headers, body.to_string().as_bytes());
        assert_eq!(answer.status, 200, "{action}: {answer:?}");
        answer.json()
    }

    pub(crate) fn control(&self, method: &str, path: &str) -> Value {
        request(&self.url("control"), method, path, &[], b"").json()
    }

    /// Records of the stream that are not consumed.
    pub(crate) fn waiting(&self) -> u64 {
        self.control("GET", "/streams")["waiting"]["EchoFunction"].as_u64().unwrap()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`, and the process reaped.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; tells whether it ended well.
    pub(crate) fn terminate(mut self) -> bool {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let mut ended = None;
        until("the stack ends", || {
            ended = self.child.try_wait().unwrap();
            ended.is_some()
        });
        ended.unwrap().success()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        protocol::json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(header, _)| header == name);
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// The code of an error in the project's envelope.
    pub(crate) fn code(&self) -> String {
        let body = self.json();
        assert_eq!(body["success"], false, "{body}");
        body["error"]["code"].as_str().unwrap().into()
    }
}

/// Asks until it holds, 20 seconds at most.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(20), "not in time: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// One request over a connection of its own.
pub(crate) fn request(
    url: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let authority = url.strip_prefix("http://").unwrap();
    let mut head =
        format!("{method} {path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n");
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    write!(head, "content-length: {}\r\n\r\n", body.len()).unwrap();
    let mut stream = TcpStream::connect(authority).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    parse(&bytes)
}

fn parse(bytes: &[u8]) -> Answer {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_lowercase(), value.trim().to_string()))
    };
    Answer { status, headers: lines.filter_map(header).collect(), body: bytes[end + 4..].into() }
}

/// The edge of the project's own template, as it stands there.
fn edge() -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let text = std::fs::read_to_string(format!("{root}/template.yaml")).unwrap();
    let (_, edge) = text.split_once("# ---- The edge ----").expect("the template has an edge");
    let (edge, _) = edge.split_once("  # ---- Whether").expect("and what watches it");
    edge.replace("infra/edge/", &format!("{root}/infra/edge/"))
}

/// The folder of the example functions, built now: a narrow test run would leave them stale.
fn functions() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--package", "local", "--example", "echo"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .unwrap();
        assert!(built.success());
        Path::new(env!("CARGO_BIN_EXE_local")).with_file_name("examples")
    })
}

/// All that the tests need, in small.
pub(crate) const TEMPLATE: &str = r#"
Parameters:
  Stage: { Type: String, Default: dev }
  DomainName: { Type: String, Default: "" }
  CertificateArn: { Type: String, Default: none }
  OriginKeyVersion: { Type: String, Default: "" }
Conditions: { HasDomain: !Not [!Equals [!Ref DomainName, ""]] }
Globals:
  Function: { Runtime: provided.al2023, Handler: bootstrap, CodeUri: ., Timeout: 3 }
Resources:
  RecordsTable:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - { AttributeName: business, AttributeType: S }
        - { AttributeName: record, AttributeType: S }
      KeySchema:
        - { AttributeName: business, KeyType: HASH }
        - { AttributeName: record, KeyType: RANGE }
      StreamSpecification: { StreamViewType: NEW_AND_OLD_IMAGES }
      TimeToLiveSpecification: { AttributeName: expiresAt, Enabled: true }
  Keys: { Type: "AWS::SecretsManager::Secret" }
  HttpApi: { Type: "AWS::Serverless::HttpApi" }
  Failures: { Type: "AWS::SQS::Queue" }
  EchoFunction:
    Type: AWS::Serverless::Function
    Metadata: { BuildMethod: rust-cargolambda, BuildProperties: { Binary: echo } }
    Properties:
      MemorySize: 256
      Environment: { Variables: { LOG_FILE: "{log}", RECORDS_TABLE: !Ref RecordsTable, KEYS: !Ref Keys } }
      Events:
        Feed: { Type: HttpApi, Properties: { ApiId: !Ref HttpApi, Method: GET, Path: /sync/changes } }
        Post: { Type: HttpApi, Properties: { ApiId: !Ref HttpApi, Method: POST, Path: /echo } }
        One: { Type: HttpApi, Properties: { ApiId: !Ref HttpApi, Method: GET, Path: "/echo/{id}" } }
        Any: { Type: HttpApi, Properties: { ApiId: !Ref HttpApi, Method: GET, Path: "/{proxy+}" } }
        Records:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt RecordsTable.StreamArn
            StartingPosition: TRIM_HORIZON
            BatchSize: 10
            BisectBatchOnFunctionError: true
            MaximumRetryAttempts: 2
            FunctionResponseTypes: [ReportBatchItemFailures]
            DestinationConfig: { OnFailure: { Type: SQS, Destination: !GetAtt Failures.Arn } }
            FilterCriteria:
              Filters: [{ Pattern: '{"dynamodb":{"Keys":{"record":{"S":[{"prefix":"sales#"}]}}}}' }]
"#;
