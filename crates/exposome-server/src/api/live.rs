//! Live updates: server-sent events (HTML standard, 9.2), resumed where a listener stopped hearing.

use crate::House;
use crate::access::Caller;
use crate::access::{self, Scope};
use crate::live::{Changed, Changes, Missed, Numbered};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream, StreamExt as _};
use std::convert::Infallible;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(listen))
}

/// Whether whoever listens still may is looked at so often.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(30);

/// Hear what changes
///
/// Events are named `world`, `site`, `decided`, `changed`, `building`, `notice`, `job`; `hello` comes first, and `lost` where too much was missed:
/// then everything on the page is to be looked at again. `Last-Event-ID` resumes.
#[utoipa::path(get, path = "/api/v1/live", tag = "live", params(("Last-Event-ID" = Option<String>, Header)), responses((status = 200, content_type = "text/event-stream", body = String)))]
async fn listen(
    State(house): State<House>,
    caller: Caller,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let last = headers.get("last-event-id").and_then(|it| it.to_str().ok());
    let (missed, receiver) = house.changes.resume(last);
    let scope = Scope::of_all(&caller.grants);
    let first = match missed {
        Missed::TooMuch => vec![named("lost", &house.changes, house.changes.last())],
        Missed::These(these) => {
            let hello = named(
                "hello",
                &house.changes,
                these.first().map_or_else(|| house.changes.last(), |(number, _)| number - 1),
            );
            let these =
                these.iter().filter(|it| is_for(&scope, &it.1)).map(|it| told(&house.changes, it));
            std::iter::once(hello).chain(these).collect()
        }
    };
    house.inner.metrics.listeners.fetch_add(1, Ordering::Relaxed);
    let listener = Listener { house, receiver, scope, headers };
    let events = stream::iter(first).chain(stream::unfold(listener, Listener::next)).map(Ok);
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

struct Listener {
    house: House,
    receiver: tokio::sync::broadcast::Receiver<Numbered>,
    scope: Scope,
    headers: HeaderMap,
}

impl Listener {
    /// The next event; the end where its session has ended.
    async fn next(mut self) -> Option<(Event, Listener)> {
        loop {
            let heard = tokio::time::timeout(LOOKED_AT_EVERY, self.receiver.recv()).await;
            let event = match heard {
                Err(_quiet) => {
                    let caller =
                        access::identify(&self.house, &self.headers, false).await.ok()??;
                    self.scope = Scope::of_all(&caller.grants);
                    continue;
                }
                Ok(Ok(numbered)) if is_for(&self.scope, &numbered.1) => {
                    told(&self.house.changes, &numbered)
                }
                Ok(Ok(_)) => continue,
                Ok(Err(RecvError::Lagged(_))) => {
                    named("lost", &self.house.changes, self.house.changes.last())
                }
                Ok(Err(RecvError::Closed)) => return None,
            };
            return Some((event, self));
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.house.inner.metrics.listeners.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Who does not see a site does not hear of it.
fn is_for(scope: &Scope, changed: &Changed) -> bool {
    changed.site().is_none_or(|site| scope.has_site(site))
}

fn named(name: &str, changes: &Changes, number: u64) -> Event {
    Event::default().event(name).id(changes.id(number)).data("{}")
}

fn told(changes: &Changes, (number, changed): &Numbered) -> Event {
    let data = serde_json::to_string(changed).unwrap_or_default();
    Event::default().event(changed.name()).id(changes.id(*number)).data(data)
}
