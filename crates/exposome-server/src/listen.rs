//! Connections: taken, encrypted, timed, counted, and let go of in the end.
//!
//! An accept loop of our own, because axum's has no TLS, no limit of time for a
//! head, none of connections, and tells nothing of the address that asks
//! (docs/decisions/why-our-own-accept-loop.md).

use crate::settings::Settings;
use crate::stall::Impatient;
use crate::{Error, door};
use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

pub(crate) async fn bind(settings: &Settings) -> Result<TcpListener, Error> {
    let address = settings.address;
    if settings.plain && !address.ip().is_loopback() {
        return Err(Error::PlainToOthers { address });
    }
    TcpListener::bind(address).await.map_err(|source| Error::Address { address, source })
}

/// Serves connections until it is told to stop, then those that are open for as long as they get.
pub(crate) async fn serve(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    router: Router,
    settings: Arc<Settings>,
    mut stopped: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(settings.limits.connections));
    let crowd = Crowd::default();
    let graceful = GracefulShutdown::new();
    let connection = Connection { acceptor, router, settings: Arc::clone(&settings) };
    loop {
        // Whoever is too many waits outside, in the queue of the system.
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place,
            _ = stopped.wait_for(|it| *it) => break,
        };
        let Ok(place) = place else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.wait_for(|it| *it) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Of a client that has gone again, or for want of file handles: then time helps.
                tracing::warn!(error = ?error.to_string(), "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let is_proxy = settings.proxies.contains(&peer.ip());
        let limit = if is_proxy { usize::MAX } else { settings.limits.connections_an_address };
        let Some(seat) = crowd.enter(peer.ip(), limit) else { continue };
        let (connection, watcher) = (connection.clone(), graceful.watcher());
        tokio::spawn(async move {
            connection.serve(stream, peer, watcher).await;
            drop((place, seat));
        });
    }
    drop(listener);
    let grace = Duration::from_secs(settings.limits.grace_seconds);
    if tokio::time::timeout(grace, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were not finished in time and were broken off");
    }
}

#[derive(Clone)]
struct Connection {
    acceptor: Option<TlsAcceptor>,
    router: Router,
    settings: Arc<Settings>,
}

impl Connection {
    async fn serve(
        self,
        stream: TcpStream,
        peer: SocketAddr,
        watcher: hyper_util::server::graceful::Watcher,
    ) {
        let limits = &self.settings.limits;
        let patience = Duration::from_secs(limits.stall_seconds);
        let _ = stream.set_nodelay(true);
        let stream = Impatient::new(stream, patience);
        let Some(acceptor) = self.acceptor.clone() else {
            return self.answer(stream, peer, Version::One, watcher).await;
        };
        let shaking =
            tokio::time::timeout(Duration::from_secs(limits.head_seconds), acceptor.accept(stream));
        let Ok(Ok(stream)) = shaking.await else { return };
        let version = match stream.get_ref().1.alpn_protocol() {
            Some(b"h2") => Version::Two,
            _ => Version::One,
        };
        self.answer(stream, peer, version, watcher).await;
    }

    async fn answer<S>(
        self,
        stream: S,
        peer: SocketAddr,
        version: Version,
        watcher: hyper_util::server::graceful::Watcher,
    ) where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    {
        let router = self.router;
        let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(door::Peer(peer));
            router.clone().oneshot(request)
        });
        let head = Duration::from_secs(self.settings.limits.head_seconds);
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(head)
            .max_buf_size(64 << 10)
            .max_headers(64);
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(Duration::from_secs(20))
            .max_concurrent_streams(64)
            .max_header_list_size(32 << 10);
        let builder = match version {
            Version::One => builder.http1_only(),
            Version::Two => builder.http2_only(),
        };
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        // Whatever goes wrong on a connection is the client's: it has gone, or speaks no HTTP.
        let _ = watcher.watch(connection.into_owned()).await;
    }
}

#[derive(Clone, Copy)]
enum Version {
    One,
    Two,
}

/// How many connections each address has.
#[derive(Clone, Default)]
struct Crowd(Arc<Mutex<HashMap<IpAddr, usize>>>);

struct Seat {
    crowd: Crowd,
    address: IpAddr,
}

impl Crowd {
    fn enter(&self, address: IpAddr, limit: usize) -> Option<Seat> {
        let mut seats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = seats.entry(address).or_default();
        if *taken >= limit {
            return None;
        }
        *taken += 1;
        Some(Seat { crowd: self.clone(), address })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.crowd.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = seats.get_mut(&self.address) {
            *taken -= 1;
            if *taken == 0 {
                seats.remove(&self.address);
            }
        }
    }
}
