//! One question to another machine, for the server: a sign-on provider, a receiver of notices.
//!
//! The same agent as for the feeds: its proxy, its certificates, no redirects. An
//! address without TLS only on this machine, or where the configuration says so.

use super::Settings;
use super::download::{agent, may_ask};
use exposome_server::errands::{Answer, Asking};
use std::time::Duration;

/// Nobody who waits for an answer waits for longer.
const LONGEST: Duration = Duration::from_secs(20);
/// No answer that is asked for is longer.
const LONGEST_BYTES: u64 = 4 << 20;

pub(crate) fn ask(asking: &Asking, settings: &Settings) -> anyhow::Result<Answer> {
    let address: url::Url = asking.url.parse()?;
    may_ask(&address, settings)?;
    let settings = Settings { total_timeout: LONGEST, ..settings.clone() };
    let mut request =
        ureq::http::Request::builder().method(asking.method.as_str()).uri(address.as_str());
    for (name, value) in &asking.headers {
        request = request.header(name, value);
    }
    let mut answered = agent(&settings)?.run(request.body(asking.body.as_slice())?)?;
    let headers = answered.headers().iter().filter_map(|(name, value)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    });
    let headers = headers.collect();
    let status = answered.status().as_u16();
    let body = answered.body_mut().with_config().limit(LONGEST_BYTES).read_to_vec()?;
    Ok(Answer { status, headers, body })
}
