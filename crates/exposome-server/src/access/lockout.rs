//! Who fails to sign in waits, longer each time: by login, and by address.
//!
//! A login that nobody has is counted like any other, so that waiting tells
//! nothing.  A wait ends by itself: whoever knows a login can make its owner
//! wait, but not keep her out for good, and not from her passkey.

use crate::House;
use crate::problem::{Kind, Problem};
use jiff::{SignedDuration, Timestamp};

pub(crate) fn of_login(login: &str) -> String {
    format!("login {login}")
}

pub(crate) fn of_address(address: std::net::IpAddr) -> String {
    // A household of IPv6 has a whole network (RFC 6177): it counts as one.
    match address.to_canonical() {
        std::net::IpAddr::V4(it) => format!("address {it}"),
        std::net::IpAddr::V6(it) => {
            let [a, b, c, d, ..] = it.segments();
            format!("address {a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// After so long without another failure all is forgotten.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);
const LONGEST_SECONDS: i64 = 30 * 60;

/// How many failures are free, and how long the first wait is.
const LOGIN: (u32, i64) = (5, 30);
/// Many people may come from one address.
const ADDRESS: (u32, i64) = (30, 30);

/// The wait after so many failures: it doubles from the first; after five more it is half an hour (PCI DSS 4.0.1,
/// 8.3.4: at most ten tries, at least 30 minutes).
fn wait_seconds((free, first): (u32, i64), failures: u32) -> i64 {
    match failures.checked_sub(free) {
        None => 0,
        Some(over @ 0..=4) => first << over,
        Some(_) => LONGEST_SECONDS,
    }
}

/// Refuses whoever has to wait.
pub(crate) async fn must_be_open(house: &House, subjects: &[String]) -> Result<(), Problem> {
    let now = house.now();
    for subject in subjects {
        let attempts = house.store.attempts(subject).await?;
        if let Some(attempts) = attempts.filter(|it| it.locked_until > now) {
            let seconds = (attempts.locked_until - now).get_seconds();
            return Err(waiting(u64::try_from(seconds).unwrap_or_default() + 1));
        }
    }
    Ok(())
}

fn waiting(seconds: u64) -> Problem {
    Problem::new(
        Kind::TooMany,
        format!("too many sign-ins failed: the next one is looked at in {seconds} seconds"),
    )
    .way_out("wait; or sign in with a passkey; or ask an administrator for a link")
    .retry_after(seconds)
}

/// Counts a failure for login and address.
pub(crate) async fn failed(
    house: &House,
    login: &str,
    address: std::net::IpAddr,
) -> Result<(), Problem> {
    let now = house.now();
    for (subject, limits) in [(of_login(login), LOGIN), (of_address(address), ADDRESS)] {
        let until = |failures| now + SignedDuration::from_secs(wait_seconds(limits, failures));
        let since = now.checked_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
        let attempts = house.store.failed_attempt(&subject, now, since, until).await?;
        if attempts.locked_until > now {
            tracing::warn!(subject = ?subject, failures = attempts.failures, until = %attempts.locked_until, "sign-in has to wait");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_grows_and_ends() {
        let waits: Vec<i64> = (0..12).map(|failures| wait_seconds(LOGIN, failures)).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 1_800, 1_800]);
        assert_eq!(wait_seconds(LOGIN, u32::MAX), 1_800);
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_and_ipv4_in_ipv6_as_ipv4() {
        let of = |text: &str| of_address(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::9"));
        assert_ne!(of("2001:db8:1:2::9"), of("2001:db8:1:3::9"));
        assert_eq!(of("::ffff:192.0.2.7"), of("192.0.2.7"));
    }
}
