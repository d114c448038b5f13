//! The first administrator: a link that is printed where the server was started, and works once.
//!
//! Whoever can read that terminal may; nobody on the network can come first.

use super::log::{Event, What};
use crate::{Error, House, secret};
use exposome_store::accounts::OneTimeLink;
use jiff::SignedDuration;

pub(crate) const SET_UP: &str = "set_up";
pub(crate) const PASSWORD: &str = "password";

const VALID_HOURS: i64 = 24;

/// Makes the link where nobody has an account; one that was printed before works no more.
pub(crate) async fn link(house: &House, url: &str) -> Result<Option<String>, Error> {
    if house.store.is_anybody_there().await? {
        return Ok(None);
    }
    let secret = secret::new_secret()?;
    let now = house.now();
    let link = OneTimeLink {
        purpose: SET_UP.to_owned(),
        person: None,
        created_at: now,
        expires_at: now + SignedDuration::from_hours(VALID_HOURS),
    };
    let mut change = house.store.change_accounts(now).await?;
    change.add_link(&secret::digest(&secret), &link).await?;
    change.commit(&[Event::by_itself(What::SetUpLinkMade).json()]).await?;
    // Behind the `#` it is sent to nobody: it stands in no log of a proxy.
    Ok(Some(format!("{url}/set-up#token={secret}")))
}
