//! Who may do what: one table, a line for each route.
//!
//! A route that is not here answers nobody, and a test walks every route of the
//! server against it for every role.

use super::role::Role;

/// How far a role reaches with a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    No,
    /// The sites and units that go with the role.
    Scoped,
    /// What belongs to the installation, or to the person herself: it has no site.
    Whole,
}

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Whoever comes.  What is told must not depend on the hospital.
    Anybody,
    /// Whoever is signed in, whatever her roles; she gets at what is her own.
    SignedIn,
    /// Whoever is signed in, even where a second factor is asked for and she has none yet: to add one, or to leave.
    HalfSignedIn,
    /// By role, in the order of [`Role::ALL`]: `s` scoped, `w` whole, `.` not.
    Roles(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    pub method: &'static str,
    /// As the router writes it.
    pub path: &'static str,
    pub who: Who,
    /// Whether a program may, with a token.
    pub token: bool,
}

const fn rule(method: &'static str, path: &'static str, who: Who) -> Rule {
    Rule { method, path, who, token: true }
}

/// For people alone: what concerns accounts and sign-in is not for tokens.
const fn person(method: &'static str, path: &'static str, who: Who) -> Rule {
    Rule { method, path, who, token: false }
}

use Who::{Anybody, HalfSignedIn, Roles, SignedIn};

/// The table.
pub const RULES: &[Rule] = &[
    rule("GET", "/healthz", Anybody),
    rule("GET", "/readyz", Anybody),
    rule("GET", "/metrics", Anybody), // it asks for a token of its own (api/health.rs)
    rule("GET", "/api/v1/openapi.json", Anybody),
    //
    person("POST", "/api/v1/session", Anybody),
    person("POST", "/api/v1/set-up", Anybody),
    rule("GET", "/api/v1/sign-in", Anybody),
    person("POST", "/api/v1/session/passkey/start", Anybody),
    person("POST", "/api/v1/session/passkey/finish", Anybody),
    person("GET", "/api/v1/oidc/start", Anybody),
    person("GET", "/api/v1/oidc/back", Anybody),
    rule("GET", "/api/v1/session", HalfSignedIn),
    person("DELETE", "/api/v1/session", HalfSignedIn),
    person("PUT", "/api/v1/session/role", SignedIn),
    //
    person("GET", "/api/v1/me/settings", SignedIn),
    person("PUT", "/api/v1/me/settings", SignedIn),
    person("PUT", "/api/v1/me/password", HalfSignedIn),
    person("POST", "/api/v1/me/totp", HalfSignedIn),
    person("PUT", "/api/v1/me/totp", HalfSignedIn),
    person("DELETE", "/api/v1/me/totp", SignedIn),
    person("GET", "/api/v1/me/passkeys", HalfSignedIn),
    person("POST", "/api/v1/me/passkeys/start", HalfSignedIn),
    person("POST", "/api/v1/me/passkeys", HalfSignedIn),
    person("DELETE", "/api/v1/me/passkeys/{id}", SignedIn),
    person("GET", "/api/v1/me/sessions", HalfSignedIn),
    person("DELETE", "/api/v1/me/sessions", HalfSignedIn),
    person("POST", "/api/v1/me/glass", SignedIn),
    person("GET", "/api/v1/tokens", SignedIn),
    person("POST", "/api/v1/tokens", SignedIn),
    person("DELETE", "/api/v1/tokens/{id}", SignedIn),
    //                                                                  an bi it cl co au ad re
    person("GET", "/api/v1/people", Roles("                             .  .  .  .  w  w  w  .")),
    person("POST", "/api/v1/people", Roles("                            .  .  .  .  .  .  w  .")),
    person("GET", "/api/v1/people/{id}", Roles("                        .  .  .  .  w  w  w  .")),
    person("PUT", "/api/v1/people/{id}", Roles("                        .  .  .  .  .  .  w  .")),
    person("PUT", "/api/v1/people/{id}/roles", Roles("                  .  .  .  .  .  .  w  .")),
    person("POST", "/api/v1/people/{id}/link", Roles("                  .  .  .  .  .  .  w  .")),
    person("DELETE", "/api/v1/people/{id}/sessions", Roles("            .  .  .  .  .  .  w  .")),
    person("GET", "/api/v1/accounts/log", Roles("                       .  .  .  .  w  w  w  .")),
    rule("GET", "/api/v1/roles", SignedIn),
    rule("GET", "/api/v1/jobs", Roles("                                 w  w  w  .  w  w  w  .")),
    rule("POST", "/api/v1/jobs/{name}/run", Roles("                     w  .  w  .  .  .  w  .")),
    rule("GET", "/api/v1/sites", SignedIn),
    rule("GET", "/api/v1/sign-on", Roles("                              .  .  .  .  w  w  w  .")),
    person("POST", "/api/v1/restored/confirm", Roles("                  .  .  .  .  .  .  w  .")),
    rule("GET", "/api/v1/live", SignedIn),
    //                                                                  an bi it cl co au ad re
    rule("GET", "/api/v1/today", Roles("                                s  s  s  .  s  s  .  .")),
    rule("GET", "/api/v1/changes", Roles("                              s  s  s  .  s  s  .  .")),
    rule("GET", "/api/v1/board", Roles("                                s  s  s  s  s  s  .  s")),
    rule("GET", "/api/v1/worklist", Roles("                             s  s  s  .  s  s  .  .")),
    rule("GET", "/api/v1/worklist/groups", Roles("                      s  s  s  .  s  s  .  .")),
    rule("GET", "/api/v1/worklist/{job}", Roles("                       s  s  s  .  s  s  .  .")),
    rule("GET", "/api/v1/exposures", Roles("                            s  s  s  .  s  s  .  .")),
    rule("GET", "/api/v1/fields", Roles("                               s  s  s  .  s  s  .  .")),
    rule("GET", "/api/v1/search", Roles("                               s  s  s  .  s  s  .  .")),
    rule("GET", "/api/v1/assets", Roles("                               s  s  s  s  s  s  .  .")),
    rule("GET", "/api/v1/assets/{asset}", Roles("                       s  s  s  s  s  s  .  .")),
    rule(
        "GET",
        "/api/v1/assets/{asset}/exposures/{vulnerability}",
        Roles("s  s  s  s  s  s  .  ."),
    ),
    rule("GET", "/api/v1/vulnerabilities", Roles("                      s  s  s  .  s  s  .  .")),
    rule("GET", "/api/v1/vulnerabilities/{id}", Roles("                 s  s  s  .  s  s  .  .")),
    rule("GET", "/api/v1/applications", Roles("                         s  s  s  .  s  s  .  .")),
    rule("GET", "/api/v1/applications/{name}", Roles("                  s  s  s  .  s  s  .  .")),
    rule("GET", "/api/v1/inventory", Roles("                            s  s  s  .  s  s  .  .")),
    rule("GET", "/api/v1/inventory/{queue}", Roles("                    s  s  s  .  s  s  .  .")),
    rule("GET", "/api/v1/imports", Roles("                              s  s  s  .  s  s  .  .")),
    rule("POST", "/api/v1/imports", Roles("                             s  s  s  .  .  .  .  .")),
    rule("GET", "/api/v1/biomed", Roles("                               s  s  s  s  s  s  .  .")),
    rule("GET", "/api/v1/decisions", Roles("                            s  s  s  s  s  s  .  .")),
    rule("POST", "/api/v1/decisions", Roles("                           s  s  s  s  .  .  .  .")),
    rule("POST", "/api/v1/decisions/{number}/confirm", Roles("          s  s  s  s  .  .  .  .")),
    rule("POST", "/api/v1/decisions/{number}/decline", Roles("          s  s  s  s  .  .  .  .")),
    rule("GET", "/api/v1/audit", Roles("                                s  .  .  .  s  s  .  .")),
    rule("GET", "/api/v1/audit/verify", Roles("                         s  .  .  .  s  s  .  .")),
    rule("GET", "/api/v1/policy", Roles("                               s  s  s  .  s  s  .  .")),
    rule("POST", "/api/v1/policy/check", Roles("                        w  .  .  .  w  .  .  .")),
    rule("POST", "/api/v1/policy/diff", Roles("                         s  .  .  .  s  .  .  .")),
    rule("POST", "/api/v1/policy/try", Roles("                          s  s  s  .  s  .  .  .")),
    rule("GET", "/api/v1/feeds", Roles("                                w  w  w  .  w  w  w  .")),
    rule("POST", "/api/v1/feeds/documents", Roles("                     w  .  w  .  .  .  w  .")),
    //                                                                  an bi it cl co au ad re
    rule("GET", "/api/v1/notices", Roles("                              s  s  s  s  s  s  s  .")),
    rule("POST", "/api/v1/notices/{id}/acknowledge", Roles("            s  s  s  s  s  .  .  .")),
    rule("GET", "/api/v1/notifications/channels", Roles("               w  .  w  .  w  w  w  .")),
    person("POST", "/api/v1/notifications/channels", Roles("            .  .  .  .  .  .  w  .")),
    person("PUT", "/api/v1/notifications/channels/{id}", Roles("        .  .  .  .  .  .  w  .")),
    person("DELETE", "/api/v1/notifications/channels/{id}", Roles("     .  .  .  .  .  .  w  .")),
    person("POST", "/api/v1/notifications/channels/{id}/test", Roles("  w  .  w  .  .  .  w  .")),
];

/// The rule of a route.
pub fn rule_of(method: &str, path: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.method == method && rule.path == path)
}

/// What can be done with a path, for the `Allow` of an answer.
pub fn methods_of(path: &str) -> Vec<&'static str> {
    RULES.iter().filter(|rule| rule.path == path).map(|rule| rule.method).collect()
}

impl Who {
    /// How far a role reaches.
    pub fn reach(self, role: Role) -> Reach {
        match self {
            Anybody | SignedIn | HalfSignedIn => Reach::Whole,
            Roles(columns) => {
                let mut columns = columns.bytes().filter(|it| *it != b' ');
                match columns.nth(role as usize) {
                    Some(b's') => Reach::Scoped,
                    Some(b'w') => Reach::Whole,
                    _ => Reach::No,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_line_has_a_column_for_each_role_and_stands_once() {
        let mut seen = BTreeSet::new();
        for rule in RULES {
            assert!(seen.insert((rule.method, rule.path)), "{rule:?} stands twice");
            let Roles(columns) = rule.who else { continue };
            let columns: Vec<u8> = columns.bytes().filter(|it| *it != b' ').collect();
            assert_eq!(columns.len(), Role::ALL.len(), "{rule:?}");
            assert!(columns.iter().all(|it| b".sw".contains(it)), "{rule:?}");
            assert!(columns.iter().any(|it| *it != b'.'), "{rule:?} is for nobody");
        }
    }

    #[test]
    fn an_auditor_changes_nothing_and_an_administrator_decides_nothing() {
        for rule in RULES {
            let Roles(_) = rule.who else { continue };
            let changes = rule.method != "GET";
            assert!(!changes || rule.who.reach(Role::Auditor) == Reach::No, "{rule:?}");
            let decides = changes && rule.path.starts_with("/api/v1/decisions");
            assert!(!decides || rule.who.reach(Role::Administrator) == Reach::No, "{rule:?}");
        }
    }
}
