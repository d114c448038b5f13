//! People, what they may do, and how they are known again: accounts of the installation.
//!
//! Nothing here decides anything; `exposome-server` does (`access/`).  What is
//! secret lies here as a digest, as a password hash, or sealed with a key that
//! is not in the database.  A change of an account and the line of the log that
//! tells of it are one transaction: [`Change::commit`] takes no change without.

use crate::{Error, Link, Store, Writing, each_row, micros, moment, run};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

/// Somebody who has an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: String,
    /// In lower case.
    pub login: String,
    pub name: String,
    pub email: Option<String>,
    pub is_active: bool,
    pub created_at: Timestamp,
    /// Argon2id, in the PHC string format.
    pub password: Option<String>,
    pub password_at: Option<Timestamp>,
    /// The secret of the one-time codes, sealed.
    pub totp: Option<Vec<u8>>,
    /// The last step whose code was taken.
    pub totp_step: i64,
    /// The `OpenID` provider and its name for this person.
    pub provider: Option<(String, String)>,
}

/// A role somebody has, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    pub role: String,
    /// Every site where there is none.
    pub site: Option<String>,
    /// Every unit of the site where there is none.
    pub unit: Option<String>,
    pub origin: Origin,
    pub until: Option<Timestamp>,
}

/// Who gave a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A person who may.
    Administrator,
    /// The groups that the sign-on provider named at the last sign-in.
    Provider,
    /// The person herself, for a while and with a reason.
    Glass,
}

impl Origin {
    pub fn name(self) -> &'static str {
        match self {
            Origin::Administrator => "administrator",
            Origin::Provider => "provider",
            Origin::Glass => "glass",
        }
    }

    fn read(name: &str) -> Result<Origin, Error> {
        let all = [Origin::Administrator, Origin::Provider, Origin::Glass];
        let found = all.into_iter().find(|it| it.name() == name);
        found.ok_or_else(|| Error::Damaged { what: "grant", record: name.to_owned() })
    }
}

/// The digest of a secret that is kept nowhere.
pub type SecretDigest = [u8; 32];

/// Somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub person: String,
    /// The role that is acted in, where one was chosen.
    pub role: Option<String>,
    pub second_factor: String,
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
    pub expires_at: Timestamp,
}

/// What a program signs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub id: String,
    pub person: String,
    pub name: String,
    pub role: String,
    pub site: Option<String>,
    pub unit: Option<String>,
    pub writes: bool,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

/// A passkey; `body` is for whoever verifies it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    pub id: Vec<u8>,
    pub person: String,
    pub name: String,
    pub created_at: Timestamp,
    pub used_at: Option<Timestamp>,
    pub body: String,
}

/// How often somebody failed to sign in lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempts {
    pub failures: u32,
    pub last_at: Timestamp,
    pub locked_until: Timestamp,
}

/// A link that works once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneTimeLink {
    pub purpose: String,
    pub person: Option<String>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// A line of the accounts' history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountEvent {
    pub number: u64,
    pub at: Timestamp,
    /// JSON: who, and what.
    pub body: String,
}

/// `NULL` cannot be part of a key: everywhere is the empty name.
fn anywhere(name: Option<&String>) -> &str {
    name.map_or("", String::as_str)
}

fn somewhere(name: String) -> Option<String> {
    (!name.is_empty()).then_some(name)
}

fn maybe(micros: Option<i64>) -> Result<Option<Timestamp>, Error> {
    micros.map(moment).transpose()
}

type PersonRow = (
    String,
    String,
    String,
    Option<String>,
    i64,
    i64,
    Option<String>,
    Option<i64>,
    Option<Vec<u8>>,
    i64,
    Option<String>,
    Option<String>,
);

fn person(row: PersonRow) -> Result<Person, Error> {
    let (
        id,
        login,
        name,
        email,
        active,
        created_at,
        password,
        password_at,
        totp,
        step,
        issuer,
        subject,
    ) = row;
    Ok(Person {
        id,
        login,
        name,
        email,
        is_active: active != 0,
        created_at: moment(created_at)?,
        password,
        password_at: maybe(password_at)?,
        totp,
        totp_step: step,
        provider: issuer.zip(subject),
    })
}

type TokenRow =
    (String, String, String, String, String, String, i64, i64, i64, Option<i64>, Option<i64>);

fn token(row: TokenRow) -> Result<Token, Error> {
    let (id, person, name, role, site, unit, writes, created_at, expires_at, used_at, revoked_at) =
        row;
    Ok(Token {
        id,
        person,
        name,
        role,
        site: somewhere(site),
        unit: somewhere(unit),
        writes: writes != 0,
        created_at: moment(created_at)?,
        expires_at: moment(expires_at)?,
        used_at: maybe(used_at)?,
        revoked_at: maybe(revoked_at)?,
    })
}

impl Store {
    pub async fn person(&self, id: &str) -> Result<Option<Person>, Error> {
        let mut found = None;
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT id, login, name, email, active, created_at, password, password_at, totp, totp_step, issuer, subject FROM person WHERE id = $1", [id], |row in PersonRow| {
            found = Some(person(row)?);
        });
        Ok(found)
    }

    pub async fn person_by_login(&self, login: &str) -> Result<Option<Person>, Error> {
        let mut found = None;
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT id, login, name, email, active, created_at, password, password_at, totp, totp_step, issuer, subject FROM person WHERE login = $1", [login], |row in PersonRow| {
            found = Some(person(row)?);
        });
        Ok(found)
    }

    pub async fn person_by_provider(
        &self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<Person>, Error> {
        let mut found = None;
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT id, login, name, email, active, created_at, password, password_at, totp, totp_step, issuer, subject FROM person WHERE issuer = $1 AND subject = $2", [issuer, subject], |row in PersonRow| {
            found = Some(person(row)?);
        });
        Ok(found)
    }

    /// People by login, after one; at most `limit`.
    pub async fn persons(&self, after: &str, limit: u32) -> Result<Vec<Person>, Error> {
        let mut found = Vec::new();
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT id, login, name, email, active, created_at, password, password_at, totp, totp_step, issuer, subject FROM person WHERE login > $1 ORDER BY login LIMIT $2", [after, i64::from(limit)], |row in PersonRow| {
            found.push(person(row)?);
        });
        Ok(found)
    }

    pub async fn is_anybody_there(&self) -> Result<bool, Error> {
        let mut any = false;
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT EXISTS (SELECT 1 FROM person)", [], |(is,) in (bool,)| {
            any = is;
        });
        Ok(any)
    }

    /// What somebody may do at a moment.
    pub async fn grants(&self, person: &str, now: Timestamp) -> Result<Vec<Grant>, Error> {
        let mut found = Vec::new();
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT role, at_site, unit, origin, until FROM grants WHERE person = $1 AND (until IS NULL OR until > $2) ORDER BY role, at_site, unit, origin", [person, micros(now)], |(role, site, unit, origin, until) in (String, String, String, String, Option<i64>)| {
            let origin = Origin::read(&origin)?;
            found.push(Grant { role, site: somewhere(site), unit: somewhere(unit), origin, until: maybe(until)? });
        });
        Ok(found)
    }

    pub async fn session(&self, digest: &SecretDigest) -> Result<Option<Session>, Error> {
        let mut found = None;
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT person, role, second_factor, created_at, seen_at, expires_at FROM session WHERE digest = $1", [&digest[..]], |(person, role, second_factor, created_at, seen_at, expires_at) in (String, Option<String>, String, i64, i64, i64)| {
            found = Some(Session {
                person,
                role,
                second_factor,
                created_at: moment(created_at)?,
                seen_at: moment(seen_at)?,
                expires_at: moment(expires_at)?,
            });
        });
        Ok(found)
    }

    /// Somebody's sessions that have not run out, the latest first.
    pub async fn sessions_of(
        &self,
        person: &str,
        now: Timestamp,
    ) -> Result<Vec<(SecretDigest, Session)>, Error> {
        let mut found = Vec::new();
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT digest, role, second_factor, created_at, seen_at, expires_at FROM session WHERE person = $1 AND expires_at > $2 ORDER BY created_at DESC, digest", [person, micros(now)], |(digest, role, second_factor, created_at, seen_at, expires_at) in (Vec<u8>, Option<String>, String, i64, i64, i64)| {
            let digest = SecretDigest::try_from(&digest[..]).map_err(|_| Error::Damaged { what: "session", record: person.to_owned() })?;
            found.push((digest, Session {
                person: person.to_owned(),
                role,
                second_factor,
                created_at: moment(created_at)?,
                seen_at: moment(seen_at)?,
                expires_at: moment(expires_at)?,
            }));
        });
        Ok(found)
    }

    /// Notes that a session was used.
    pub async fn touch_session(&self, digest: &SecretDigest, now: Timestamp) -> Result<(), Error> {
        let mut writing = self.write("sessions").await?;
        run!(
            writing.link(),
            "UPDATE session SET seen_at = $1 WHERE digest = $2",
            [micros(now), &digest[..]]
        );
        writing.commit().await
    }

    /// The role that somebody acts in from here on.
    pub async fn act_in(&self, digest: &SecretDigest, role: &str) -> Result<(), Error> {
        let mut writing = self.write("sessions").await?;
        run!(writing.link(), "UPDATE session SET role = $1 WHERE digest = $2", [role, &digest[..]]);
        writing.commit().await
    }

    /// Takes away what has ended, and says how much that was.
    pub async fn sweep_accounts(
        &self,
        now: Timestamp,
        idle_since: Timestamp,
    ) -> Result<u64, Error> {
        let mut writing = self.write("sessions").await?;
        let mut gone = run!(
            writing.link(),
            "DELETE FROM session WHERE expires_at <= $1 OR seen_at < $2",
            [micros(now), micros(idle_since)]
        );
        gone += run!(writing.link(), "DELETE FROM link WHERE expires_at <= $1", [micros(now)]);
        gone += run!(writing.link(), "DELETE FROM pending WHERE expires_at <= $1", [micros(now)]);
        gone += run!(writing.link(), "DELETE FROM grants WHERE until <= $1", [micros(now)]);
        writing.commit().await?;
        Ok(gone)
    }

    pub async fn token(&self, digest: &SecretDigest) -> Result<Option<Token>, Error> {
        let mut found = None;
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT id, person, name, role, at_site, unit, writes, created_at, expires_at, used_at, revoked_at FROM token WHERE digest = $1", [&digest[..]], |row in TokenRow| {
            found = Some(token(row)?);
        });
        Ok(found)
    }

    /// Tokens, newest first: of one person, or of all.
    pub async fn tokens(&self, person: Option<&str>) -> Result<Vec<Token>, Error> {
        let mut found = Vec::new();
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT id, person, name, role, at_site, unit, writes, created_at, expires_at, used_at, revoked_at FROM token WHERE $1 = '' OR person = $1 ORDER BY created_at DESC, id", [person.unwrap_or_default()], |row in TokenRow| {
            found.push(token(row)?);
        });
        Ok(found)
    }

    pub async fn touch_token(&self, id: &str, now: Timestamp) -> Result<(), Error> {
        let mut writing = self.write("tokens").await?;
        run!(writing.link(), "UPDATE token SET used_at = $1 WHERE id = $2", [micros(now), id]);
        writing.commit().await
    }

    /// Takes a step of somebody's one-time codes; `false`: it, or a later one, was taken before.
    pub async fn take_totp_step(&self, person: &str, step: i64) -> Result<bool, Error> {
        let mut writing = self.write("accounts").await?;
        let taken = run!(
            writing.link(),
            "UPDATE person SET totp_step = $1 WHERE id = $2 AND totp_step < $1",
            [step, person]
        );
        writing.commit().await?;
        Ok(taken == 1)
    }

    pub async fn passkeys(&self, person: &str) -> Result<Vec<Passkey>, Error> {
        let mut found = Vec::new();
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT id, person, name, created_at, used_at, body FROM passkey WHERE person = $1 ORDER BY created_at, id", [person], |(id, person, name, created_at, used_at, body) in (Vec<u8>, String, String, i64, Option<i64>, String)| {
            found.push(Passkey { id, person, name, created_at: moment(created_at)?, used_at: maybe(used_at)?, body });
        });
        Ok(found)
    }

    /// A passkey was used: what is known of it from here on.
    pub async fn note_passkey(&self, id: &[u8], body: &str, now: Timestamp) -> Result<(), Error> {
        let mut writing = self.write("passkeys").await?;
        run!(
            writing.link(),
            "UPDATE passkey SET used_at = $1, body = $2 WHERE id = $3",
            [micros(now), body, id]
        );
        writing.commit().await
    }

    pub async fn attempts(&self, subject: &str) -> Result<Option<Attempts>, Error> {
        let mut found = None;
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT failures, last_at, locked_until FROM attempt WHERE subject = $1", [subject], |(failures, last_at, locked_until) in (i64, i64, i64)| {
            found = Some(Attempts {
                failures: u32::try_from(failures).unwrap_or(u32::MAX),
                last_at: moment(last_at)?,
                locked_until: moment(locked_until)?,
            });
        });
        Ok(found)
    }

    /// Counts one more failure; `locked_until` is told how many there are since `since`.
    pub async fn failed_attempt(
        &self,
        subject: &str,
        now: Timestamp,
        since: Timestamp,
        locked_until: impl FnOnce(u32) -> Timestamp,
    ) -> Result<Attempts, Error> {
        let mut writing = self.write("attempts").await?;
        let mut before = 0;
        each_row!(writing.link(), "SELECT failures FROM attempt WHERE subject = $1 AND last_at > $2", [subject, micros(since)], |(failures,) in (i64,)| {
            before = failures;
        });
        let failures = u32::try_from(before + 1).unwrap_or(u32::MAX);
        let locked_until = locked_until(failures);
        run!(
            writing.link(),
            "DELETE FROM attempt WHERE subject = $1 OR last_at <= $2",
            [subject, micros(since)]
        );
        run!(
            writing.link(),
            "INSERT INTO attempt (subject, failures, last_at, locked_until) VALUES ($1, $2, $3, $4)",
            [subject, i64::from(failures), micros(now), micros(locked_until)]
        );
        writing.commit().await?;
        Ok(Attempts { failures, last_at: now, locked_until })
    }

    /// A link, whether it still works or not.
    pub async fn link(&self, digest: &SecretDigest) -> Result<Option<OneTimeLink>, Error> {
        let mut found = None;
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT purpose, person, created_at, expires_at FROM link WHERE digest = $1", [&digest[..]], |(purpose, person, created_at, expires_at) in (String, Option<String>, i64, i64)| {
            found = Some(OneTimeLink { purpose, person, created_at: moment(created_at)?, expires_at: moment(expires_at)? });
        });
        Ok(found)
    }

    /// Keeps what was begun until its second step; what was begun before under the same digest is forgotten.
    pub async fn begin_pending(
        &self,
        digest: &SecretDigest,
        body: &[u8],
        expires_at: Timestamp,
    ) -> Result<(), Error> {
        let mut writing = self.write("pending").await?;
        run!(writing.link(), "DELETE FROM pending WHERE digest = $1", [&digest[..]]);
        run!(
            writing.link(),
            "INSERT INTO pending (digest, body, expires_at) VALUES ($1, $2, $3)",
            [&digest[..], body, micros(expires_at)]
        );
        writing.commit().await
    }

    /// What was begun, for as long as it may wait.  It is there once: who takes it has it alone.
    pub async fn take_pending(
        &self,
        digest: &SecretDigest,
        now: Timestamp,
    ) -> Result<Option<Vec<u8>>, Error> {
        let mut found = None;
        let mut writing = self.write("pending").await?;
        each_row!(writing.link(), "SELECT body FROM pending WHERE digest = $1 AND expires_at > $2", [&digest[..], micros(now)], |(body,) in (Vec<u8>,)| {
            found = Some(body);
        });
        run!(writing.link(), "DELETE FROM pending WHERE digest = $1", [&digest[..]]);
        writing.commit().await?;
        Ok(found)
    }

    pub async fn settings(&self, person: &str) -> Result<Vec<(String, String)>, Error> {
        let mut found = Vec::new();
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT name, body FROM setting WHERE person = $1 ORDER BY name", [person], |row in (String, String)| {
            found.push(row);
        });
        Ok(found)
    }

    pub async fn set(&self, person: &str, name: &str, body: &str) -> Result<(), Error> {
        let mut writing = self.write("settings").await?;
        run!(writing.link(), "DELETE FROM setting WHERE person = $1 AND name = $2", [person, name]);
        run!(
            writing.link(),
            "INSERT INTO setting (person, name, body) VALUES ($1, $2, $3)",
            [person, name, body]
        );
        writing.commit().await
    }

    /// The accounts' history, newest first, before a number; at most `limit`.
    pub async fn account_events(
        &self,
        before: u64,
        limit: u32,
    ) -> Result<Vec<AccountEvent>, Error> {
        let mut found = Vec::new();
        let before = i64::try_from(before).unwrap_or(i64::MAX);
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT number, recorded_at, body FROM account_event WHERE number < $1 ORDER BY number DESC LIMIT $2", [before, i64::from(limit)], |(number, at, body) in (i64, i64, String)| {
            found.push(AccountEvent { number: u64::try_from(number).unwrap_or_default(), at: moment(at)?, body });
        });
        Ok(found)
    }

    /// The latest moment at which anything was recorded: a clock that says less has gone back.
    pub async fn latest_moment(&self) -> Result<Option<Timestamp>, Error> {
        let mut latest = None;
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT MAX(at) FROM (SELECT MAX(recorded_at) AS at FROM account_event UNION ALL SELECT MAX(raised_at) FROM notice UNION ALL SELECT MAX(recorded_at) FROM import UNION ALL SELECT MAX(recorded_at) FROM feed_document UNION ALL SELECT MAX(recorded_at) FROM event) AS moments", [], |(at,) in (Option<i64>,)| {
            latest = maybe(at)?;
        });
        Ok(latest)
    }

    /// Follows the accounts' log from its first row; `Err` names the first place where it does not hold.
    pub async fn verify_account_log(&self) -> Result<Result<u64, crate::events::Broken>, Error> {
        let mut rows: Vec<LogRow> = Vec::new();
        let mut events = 0_i64;
        let mut reading = self.read().await?;
        each_row!(reading.link(), "SELECT l.number, l.recorded_at, e.body, l.digest, l.chain FROM account_log l LEFT JOIN account_event e ON e.number = l.number AND e.recorded_at = l.recorded_at ORDER BY l.number", [], |row in LogRow| {
            rows.push(row);
        });
        each_row!(reading.link(), "SELECT COUNT(*) FROM account_event", [], |(count,) in (i64,)| {
            events = count;
        });
        let mut chain = Vec::new();
        let mut last = 0;
        for ((number, at, body, digest, logged), expected) in rows.iter().zip(1_u64..) {
            let broken = |why| Ok(Err(crate::events::Broken { number: expected, why }));
            if u64::try_from(*number) != Ok(expected) {
                return broken("a line of the log is gone");
            }
            let Some(body) = body else {
                return broken("the event is gone, or its moment is not what the log says");
            };
            if Sha256::digest(body.as_bytes())[..] != digest[..] {
                return broken("the event is not what the log says");
            }
            if chained(&chain, *number, *at, digest)[..] != logged[..] {
                return broken("the chain does not fit what comes before");
            }
            chain.clone_from(logged);
            last = expected;
        }
        if u64::try_from(events) != Ok(last) {
            return Ok(Err(crate::events::Broken {
                number: last + 1,
                why: "the log does not know the event",
            }));
        }
        Ok(Ok(last))
    }

    /// Begins to change accounts.  Whoever changes them takes turns.
    pub async fn change_accounts(&self, at: Timestamp) -> Result<Change, Error> {
        Ok(Change { writing: self.write("accounts").await?, at })
    }
}

/// A change of accounts under way.  Dropped without [`Change::commit`], it leaves nothing behind.
pub struct Change {
    writing: Writing,
    at: Timestamp,
}

impl Change {
    /// Whether nobody has an account yet: asked where it cannot change before it is acted upon.
    pub async fn is_nobody_there(&mut self) -> Result<bool, Error> {
        let mut nobody = false;
        each_row!(self.writing.link(), "SELECT NOT EXISTS (SELECT 1 FROM person)", [], |(is,) in (bool,)| {
            nobody = is;
        });
        Ok(nobody)
    }

    /// Adds somebody; `false`: the login, or the provider's name for her, is taken.
    pub async fn add_person(&mut self, it: &Person) -> Result<bool, Error> {
        let (issuer, subject) = it.provider.clone().unzip();
        let added = run!(
            self.writing.link(),
            "INSERT INTO person (id, login, name, email, active, created_at, password, password_at, totp, totp_step, issuer, subject) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING",
            [
                &it.id,
                &it.login,
                &it.name,
                &it.email,
                i64::from(it.is_active),
                micros(it.created_at),
                &it.password,
                it.password_at.map(micros),
                &it.totp,
                it.totp_step,
                issuer,
                subject,
            ]
        );
        Ok(added == 1)
    }

    /// Puts everything of somebody that may change.
    pub async fn put_person(&mut self, it: &Person) -> Result<bool, Error> {
        let (issuer, subject) = it.provider.clone().unzip();
        let changed = run!(
            self.writing.link(),
            "UPDATE person SET name = $1, email = $2, active = $3, password = $4, password_at = $5, totp = $6, totp_step = $7, issuer = $8, subject = $9 WHERE id = $10",
            [
                &it.name,
                &it.email,
                i64::from(it.is_active),
                &it.password,
                it.password_at.map(micros),
                &it.totp,
                it.totp_step,
                issuer,
                subject,
                &it.id,
            ]
        );
        Ok(changed == 1)
    }

    /// Takes a step of the one-time codes; `false`: it, or a later one, was taken before.
    pub async fn take_totp_step(&mut self, person: &str, step: i64) -> Result<bool, Error> {
        let taken = run!(
            self.writing.link(),
            "UPDATE person SET totp_step = $1 WHERE id = $2 AND totp_step < $1",
            [step, person]
        );
        Ok(taken == 1)
    }

    /// Somebody's roles of one origin are these from here on.
    pub async fn put_grants(
        &mut self,
        person: &str,
        origin: Origin,
        grants: &[Grant],
    ) -> Result<(), Error> {
        run!(
            self.writing.link(),
            "DELETE FROM grants WHERE person = $1 AND origin = $2",
            [person, origin.name()]
        );
        for grant in grants {
            self.add_grant(person, grant).await?;
        }
        Ok(())
    }

    pub async fn add_grant(&mut self, person: &str, grant: &Grant) -> Result<(), Error> {
        run!(
            self.writing.link(),
            "INSERT INTO grants (person, role, at_site, unit, origin, until) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (person, role, at_site, unit, origin) DO UPDATE SET until = excluded.until",
            [
                person,
                &grant.role,
                anywhere(grant.site.as_ref()),
                anywhere(grant.unit.as_ref()),
                grant.origin.name(),
                grant.until.map(micros),
            ]
        );
        Ok(())
    }

    /// How many active people have a role at every site, given for good.
    pub async fn count_with(&mut self, role: &str) -> Result<u64, Error> {
        let mut count = 0;
        each_row!(self.writing.link(), "SELECT COUNT(DISTINCT g.person) FROM grants g JOIN person p ON p.id = g.person WHERE g.role = $1 AND g.at_site = '' AND g.until IS NULL AND p.active = 1", [role], |(people,) in (i64,)| {
            count = u64::try_from(people).unwrap_or_default();
        });
        Ok(count)
    }

    pub async fn add_session(&mut self, digest: &SecretDigest, it: &Session) -> Result<(), Error> {
        run!(
            self.writing.link(),
            "INSERT INTO session (digest, person, role, second_factor, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            [
                &digest[..],
                &it.person,
                &it.role,
                &it.second_factor,
                micros(it.created_at),
                micros(it.seen_at),
                micros(it.expires_at),
            ]
        );
        Ok(())
    }

    pub async fn end_session(&mut self, digest: &SecretDigest) -> Result<bool, Error> {
        Ok(run!(self.writing.link(), "DELETE FROM session WHERE digest = $1", [&digest[..]]) == 1)
    }

    /// A second factor was added while somebody was signed in.
    pub async fn strengthen_session(
        &mut self,
        digest: &SecretDigest,
        second_factor: &str,
    ) -> Result<(), Error> {
        run!(
            self.writing.link(),
            "UPDATE session SET second_factor = $1 WHERE digest = $2",
            [second_factor, &digest[..]]
        );
        Ok(())
    }

    /// Signs somebody out everywhere, but for one session.
    pub async fn end_sessions(
        &mut self,
        person: &str,
        but: Option<&SecretDigest>,
    ) -> Result<u64, Error> {
        let but = but.map_or(&[][..], |it| &it[..]);
        Ok(run!(
            self.writing.link(),
            "DELETE FROM session WHERE person = $1 AND digest <> $2",
            [person, but]
        ))
    }

    pub async fn add_token(&mut self, digest: &SecretDigest, it: &Token) -> Result<(), Error> {
        run!(
            self.writing.link(),
            "INSERT INTO token (id, digest, person, name, role, at_site, unit, writes, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            [
                &it.id,
                &digest[..],
                &it.person,
                &it.name,
                &it.role,
                anywhere(it.site.as_ref()),
                anywhere(it.unit.as_ref()),
                i64::from(it.writes),
                micros(it.created_at),
                micros(it.expires_at),
            ]
        );
        Ok(())
    }

    /// Revokes a token of one person, or of anybody; `false`: there is none that still works.
    pub async fn revoke_token(&mut self, id: &str, person: Option<&str>) -> Result<bool, Error> {
        let revoked = run!(
            self.writing.link(),
            "UPDATE token SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL AND ($3 = '' OR person = $3)",
            [micros(self.at), id, person.unwrap_or_default()]
        );
        Ok(revoked == 1)
    }

    pub async fn add_passkey(&mut self, it: &Passkey) -> Result<bool, Error> {
        let added = run!(
            self.writing.link(),
            "INSERT INTO passkey (id, person, name, created_at, body) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            [&it.id, &it.person, &it.name, micros(it.created_at), &it.body]
        );
        Ok(added == 1)
    }

    pub async fn remove_passkey(&mut self, person: &str, id: &[u8]) -> Result<bool, Error> {
        Ok(run!(
            self.writing.link(),
            "DELETE FROM passkey WHERE person = $1 AND id = $2",
            [person, id]
        ) == 1)
    }

    pub async fn forget_attempts(&mut self, subject: &str) -> Result<(), Error> {
        run!(self.writing.link(), "DELETE FROM attempt WHERE subject = $1", [subject]);
        Ok(())
    }

    pub async fn add_link(&mut self, digest: &SecretDigest, it: &OneTimeLink) -> Result<(), Error> {
        // Of one purpose and person the last holds alone.
        run!(
            self.writing.link(),
            "DELETE FROM link WHERE purpose = $1 AND COALESCE(person, '') = $2",
            [&it.purpose, it.person.as_deref().unwrap_or_default()]
        );
        run!(
            self.writing.link(),
            "INSERT INTO link (digest, purpose, person, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
            [&digest[..], &it.purpose, &it.person, micros(it.created_at), micros(it.expires_at)]
        );
        Ok(())
    }

    /// Takes a link out of use; `false`: it was used before, or has run out.
    pub async fn use_link(&mut self, digest: &SecretDigest) -> Result<bool, Error> {
        let used = run!(
            self.writing.link(),
            "DELETE FROM link WHERE digest = $1 AND expires_at > $2",
            [&digest[..], micros(self.at)]
        );
        Ok(used == 1)
    }

    /// Writes the change, and what is told of it, in one.
    pub async fn commit(mut self, events: &[String]) -> Result<(), Error> {
        assert!(!events.is_empty(), "a change of accounts is told in the log");
        let at = micros(self.at);
        let (mut number, mut chain) = head(self.writing.link()).await?;
        for body in events {
            number += 1;
            let digest = Sha256::digest(body.as_bytes());
            chain = chained(&chain, number, at, &digest).to_vec();
            run!(
                self.writing.link(),
                "INSERT INTO account_event (number, recorded_at, body) VALUES ($1, $2, $3)",
                [number, at, body]
            );
            run!(
                self.writing.link(),
                "INSERT INTO account_log (number, recorded_at, digest, chain) VALUES ($1, $2, $3, $4)",
                [number, at, &digest[..], &chain[..]]
            );
        }
        self.writing.commit().await
    }
}

/// Number, moment and body of an event, and what the log says of it.
type LogRow = (i64, i64, Option<String>, Vec<u8>, Vec<u8>);

async fn head(link: Link<'_>) -> Result<(i64, Vec<u8>), Error> {
    let mut head = (0, Vec::new());
    each_row!(link, "SELECT number, chain FROM account_log ORDER BY number DESC LIMIT 1", [], |row in (i64, Vec<u8>)| {
        head = row;
    });
    Ok(head)
}

/// As the log of a site's decisions is chained (`events.rs`), without a site: SHA-256 over the chain before it (32
/// zero bytes at first), number and moment in eight bytes each, the greatest first, and the digest.
fn chained(before: &[u8], number: i64, at: i64, digest: &[u8]) -> SecretDigest {
    let before = if before.is_empty() { &[0; 32][..] } else { before };
    Sha256::new()
        .chain_update(before)
        .chain_update(number.to_be_bytes())
        .chain_update(at.to_be_bytes())
        .chain_update(digest)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// A store with three events, after something was done to its tables by hand.
    async fn after(statement: &'static str) -> Result<u64, crate::events::Broken> {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_sqlite(&folder.path().join("accounts.db")).await.unwrap();
        let change = store.change_accounts(at(1)).await.unwrap();
        change.commit(&["[1]".into(), "[2]".into()]).await.unwrap();
        store.change_accounts(at(2)).await.unwrap().commit(&["[3]".into()]).await.unwrap();
        let crate::Backend::Sqlite { write, .. } = &store.backend else { unreachable!() };
        sqlx::query(statement).execute(write).await.unwrap();
        store.verify_account_log().await.unwrap()
    }

    #[tokio::test]
    async fn whatever_is_done_to_the_log_of_accounts_by_hand_is_found() {
        assert_eq!(after("SELECT 1").await, Ok(3));
        for (statement, number) in [
            ("UPDATE account_event SET body = '[7]' WHERE number = 2", 2),
            ("UPDATE account_event SET recorded_at = 5 WHERE number = 1", 1),
            ("UPDATE account_log SET digest = zeroblob(32) WHERE number = 3", 3),
            ("UPDATE account_log SET chain = zeroblob(32) WHERE number = 1", 1),
            ("DELETE FROM account_event WHERE number = 3", 3),
            ("DELETE FROM account_log WHERE number = 3", 3),
            ("DELETE FROM account_event WHERE number = 1", 1),
            ("DELETE FROM account_log WHERE number = 1", 1),
        ] {
            assert_eq!(after(statement).await.unwrap_err().number, number, "{statement}");
        }
    }
}
