//! The edge's sockets: HTTP/1.1, and bounds on what a slow or hostile client may hold.
//!
//! CloudFront has such bounds of its own; without them here, whoever opens connections and says
//! nothing would take the stack away from everybody else.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Version, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use protocol::ErrorCode;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::{Front, answer};
use crate::console;
use crate::http_api::problem;

/// Serves until the task is aborted.
pub(crate) async fn serve(front: Arc<Front>, listener: TcpListener) {
    let places = Arc::new(Semaphore::new(places()));
    loop {
        // Who finds no place waits in the system's queue, until silent ones have been cut off.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, caller)) => {
                let front = Arc::clone(&front);
                tokio::spawn(async move {
                    converse(front, stream, caller).await;
                    drop(place);
                });
            }
            Err(error) => {
                console::line(&format!("front: {error}"));
                sleep(AFTER_A_FAILED_ACCEPT).await;
            }
        }
    }
}

/// All requests of one connection. How it ends is the client's affair: who was cut off, or has
/// gone, is told nothing, and nothing of it is worth a line.
pub(super) async fn converse<S>(front: Arc<Front>, stream: S, caller: SocketAddr)
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let front = Arc::clone(&front);
        async move {
            let request = request.map(Body::new);
            let response = if has_one_host(&request) {
                answer(front, caller, request).await
            } else {
                problem(ErrorCode::InvalidRequest)
            };
            Ok::<_, Infallible>(response)
        }
    });
    hold(stream, service).await;
}

/// Serves a connection within its bounds.
pub(super) async fn hold<S, V>(stream: S, service: V)
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
    V: HttpService<Incoming, ResBody = Body, Error = Infallible>,
{
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME_MAX)
        .max_header_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    if timeout(CONNECTION_TIME_MAX, &mut connection).await.is_err() {
        connection.as_mut().graceful_shutdown();
        // One who reads no answers does not get to keep them waiting either.
        timeout(LAST_ANSWER_TIME_MAX, connection).await.ok();
    }
}

/// HTTP/1.1 asks for exactly one (RFC 9112, 3.2): two are how one server is made to think of
/// another host than the next.
fn has_one_host(request: &Request) -> bool {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    hosts == 1 || (hosts == 0 && request.version() == Version::HTTP_10)
}

/// How many may be connected: a number of its own, or what the system lets us open, less what
/// functions, store and files need.
fn places() -> usize {
    let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return CONNECTIONS_MIN };
    let allowed = match setrlimit(Resource::RLIMIT_NOFILE, hard, hard) {
        Ok(()) => hard,
        Err(_) => getrlimit(Resource::RLIMIT_NOFILE).map_or(0, |(soft, _)| soft),
    };
    let allowed = usize::try_from(allowed).unwrap_or(usize::MAX);
    allowed.saturating_sub(FILES_BESIDES).clamp(CONNECTIONS_MIN, CONNECTIONS_MAX)
}

const CONNECTIONS_MAX: usize = 12_000;
const CONNECTIONS_MIN: usize = 64;
const FILES_BESIDES: usize = 512;

/// As CloudFront: 32 KB for the request line and all headers.
const HEAD_BYTES_MAX: usize = 32 * 1024;

/// To send a request's head, and between two requests; longer than any client of ours keeps an
/// unused connection.
pub(super) const HEAD_TIME_MAX: Duration = Duration::from_secs(30);

/// Then it ends with the answer that is under way.
const CONNECTION_TIME_MAX: Duration = Duration::from_mins(10);
const LAST_ANSWER_TIME_MAX: Duration = Duration::from_mins(1);

pub(super) const AFTER_A_FAILED_ACCEPT: Duration = Duration::from_millis(100);
