//! Phones on the same network: pages and API by HTTPS, on every address of this machine.
//!
//! A service worker needs a certificate that the phone trusts, and no public authority vouches for
//! an address at home; so there is an [`authority`] of our own. One port speaks both: whoever
//! comes with TLS gets the app, whoever comes without gets the authority's certificate and is told
//! how to install it, and nothing else.

mod authority;

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, header};
use hyper::body::Incoming;
use hyper::service::service_fn;
use nix::ifaddrs::getifaddrs;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::{self, ServerConfig, crypto::ring};

use super::Front;
use super::serve::{AFTER_A_FAILED_ACCEPT, HEAD_TIME_MAX, converse, hold};
use crate::console;
use authority::Authority;

/// Why phones on the network cannot be served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LanError {
    /// The authority cannot be kept.
    #[error("the folder {path}, which phones' trust lies in: {source}")]
    Folder { path: PathBuf, source: io::Error },
    /// What lies there is none, or cannot sign.
    #[error("the certificates: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The certificate cannot be shown.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// This machine's addresses cannot be read.
    #[error("this machine's addresses: {0}")]
    Addresses(#[from] nix::Error),
    /// It has none.
    #[error("this machine is on no network that a phone could be on")]
    NoNetwork,
    /// The port is taken or forbidden.
    #[error("port {port} cannot be used for phones: {source}; name another with --lan=PORT")]
    Port { port: u16, source: io::Error },
}

/// The listener for phones.
pub(crate) struct Lan {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    addresses: Vec<Ipv4Addr>,
    port: u16,
    certificate: PathBuf,
    pem: String,
}

impl Lan {
    /// Listens on all addresses; `folder` keeps the authority.
    ///
    /// # Errors
    ///
    /// [`LanError`].
    pub(crate) async fn open(folder: &Path, port: u16) -> Result<Self, LanError> {
        let addresses = addresses()?;
        let authority = Authority::open(folder)?;
        let mut named = addresses.clone();
        named.push(Ipv4Addr::LOCALHOST);
        let leaf = authority.sign(&named)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(leaf.key));
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(leaf.certificate)], key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let taken = |source| LanError::Port { port, source };
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).await.map_err(taken)?;
        let port = listener.local_addr().map_err(taken)?.port();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let certificate = folder.join("authority.crt");
        Ok(Self { listener, acceptor, addresses, port, certificate, pem: authority.pem })
    }

    /// Where phones find the app.
    pub(crate) fn urls(&self) -> Vec<String> {
        let url = |address: &Ipv4Addr| format!("https://{address}:{}", self.port);
        self.addresses.iter().map(url).collect()
    }

    /// What to do with a phone, for whoever has started the stack.
    pub(crate) fn instructions(&self) -> Vec<String> {
        let mut lines =
            vec!["phones on the same network, the first time of each phone:".to_owned()];
        for address in &self.addresses {
            lines.push(format!(
                "  open http://{address}:{port} in its browser: it offers this machine's \
                 certificate and says how to install it; then open https://{address}:{port}",
                port = self.port
            ));
        }
        lines.push(
            "  Android: Settings > Security > Install a certificate > CA certificate".to_owned(),
        );
        lines.push(
            "  iPhone: Settings > Profile Downloaded > Install; then General > About > \
             Certificate Trust Settings: switch it on"
                .to_owned(),
        );
        lines.push(format!(
            "  the certificate is {}; remove it from the phone when you are done",
            self.certificate.display()
        ));
        lines
    }

    /// Serves until the task is aborted.
    pub(crate) async fn serve(self, front: Arc<Front>) {
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let lan = Arc::new(self);
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            match lan.listener.accept().await {
                Ok((stream, caller)) => {
                    let (front, lan) = (Arc::clone(&front), Arc::clone(&lan));
                    tokio::spawn(async move {
                        lan.receive(front, stream, caller).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    console::line(&format!("phones: {error}"));
                    sleep(AFTER_A_FAILED_ACCEPT).await;
                }
            }
        }
    }

    /// One connection. Who says nothing, or breaks off, is told nothing.
    async fn receive(self: Arc<Self>, front: Arc<Front>, stream: TcpStream, caller: SocketAddr) {
        let mut first = [0];
        let peeked = timeout(HEAD_TIME_MAX, stream.peek(&mut first)).await;
        if !matches!(peeked, Ok(Ok(1))) {
            return;
        }
        if first[0] != TLS_HANDSHAKE {
            let lan = Arc::clone(&self);
            let service = service_fn(move |request: Request<Incoming>| {
                let response = lan.introduce(&request);
                async move { Ok::<_, Infallible>(response) }
            });
            return hold(stream, service).await;
        }
        if let Ok(Ok(stream)) = timeout(HEAD_TIME_MAX, self.acceptor.accept(stream)).await {
            converse(front, stream, caller).await;
        }
    }

    /// Without TLS: the certificate, or how to install it.
    fn introduce(&self, request: &Request<Incoming>) -> Response<Body> {
        if request.uri().path() == CERTIFICATE_PATH {
            // The type by which both systems offer to install it.
            return answer("application/x-x509-ca-cert", self.pem.clone());
        }
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        let asked = self
            .urls()
            .into_iter()
            .find(|url| host.is_some_and(|host| url.strip_prefix("https://") == Some(host)));
        let url = asked.or_else(|| self.urls().into_iter().next()).unwrap_or_default();
        answer("text/html; charset=utf-8", include_str!("welcome.html").replace("{url}", &url))
    }
}

fn answer(kind: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'"));
    response
}

/// Of this machine, as others on its networks know it.
fn addresses() -> Result<Vec<Ipv4Addr>, LanError> {
    let mut found: Vec<Ipv4Addr> = getifaddrs()?
        .filter(|interface| !is_inside_the_machine(&interface.interface_name))
        .filter_map(|interface| Some(interface.address?.as_sockaddr_in()?.ip()))
        .filter(|address| !address.is_loopback() && !address.is_link_local())
        .collect();
    found.dedup();
    if found.is_empty() { Err(LanError::NoNetwork) } else { Ok(found) }
}

/// Whether an interface leads to containers and virtual machines only, where no phone is.
fn is_inside_the_machine(interface: &str) -> bool {
    ["docker", "br-", "veth", "virbr"].iter().any(|name| interface.starts_with(name))
}

const CERTIFICATE_PATH: &str = "/avileo.crt";

/// The first byte of a TLS connection (RFC 8446, 5.1).
const TLS_HANDSHAKE: u8 = 22;

/// The phones of one household or office.
const CONNECTIONS_MAX: usize = 128;
