//! What is told in the log of every change of an account: who, from where, what.

use super::Caller;
use exposome_store::accounts::{Grant, Person};
use jiff::Timestamp;
use serde::Serialize;

/// A line of the accounts' log.
#[derive(Debug, Serialize)]
pub(crate) struct Event {
    /// Who did it: number and login; nobody where the program did it by itself.
    person: Option<String>,
    login: Option<String>,
    /// The address it came from.
    from: Option<String>,
    what: What,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    SetUpLinkMade,
    SetUp,
    SignedIn {
        second_factor: String,
    },
    SignedOut,
    SignedOutEverywhere {
        sessions: u64,
    },
    PersonAdded {
        person: String,
        login: String,
    },
    PersonChanged {
        person: String,
        active: bool,
    },
    RolesGiven {
        person: String,
        roles: Vec<GrantView>,
    },
    LinkMade {
        person: String,
    },
    PasswordChanged {
        by_link: bool,
    },
    SecondFactorAdded {
        kind: &'static str,
    },
    SecondFactorRemoved {
        kind: &'static str,
    },
    SecondFactorReset {
        person: String,
    },
    /// A restored copy stands for the original from here on.
    RestoredConfirmed,
    PersonSignedOut {
        person: String,
    },
    TokenMade {
        token: String,
        role: String,
        writes: bool,
        until: Timestamp,
    },
    TokenRevoked {
        token: String,
    },
    /// A role was taken in an emergency.
    GlassBroken {
        role: String,
        site: Option<String>,
        reason: String,
        until: Timestamp,
    },
}

/// A role and where it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct GrantView {
    pub role: String,
    /// null: every site
    pub site: Option<String>,
    /// null: every unit
    pub unit: Option<String>,
    /// Who gave it: `administrator`, `provider` (of sign-on), or `glass` (taken in an emergency)
    pub origin: &'static str,
    pub until: Option<Timestamp>,
}

impl From<&Grant> for GrantView {
    fn from(grant: &Grant) -> GrantView {
        GrantView {
            role: grant.role.clone(),
            site: grant.site.clone(),
            unit: grant.unit.clone(),
            origin: grant.origin.name(),
            until: grant.until,
        }
    }
}

impl Event {
    pub(crate) fn of(person: &Person, from: &str, what: What) -> Event {
        Event {
            person: Some(person.id.clone()),
            login: Some(person.login.clone()),
            from: Some(from.to_owned()),
            what,
        }
    }

    pub(crate) fn by(caller: &Caller, from: &str, what: What) -> Event {
        Event::of(&caller.person, from, what)
    }

    /// Of the program itself, or of somebody who is nobody yet.
    pub(crate) fn by_itself(what: What) -> Event {
        Event { person: None, login: None, from: None, what }
    }

    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
