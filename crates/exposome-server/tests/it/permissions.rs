//! Every route, for every role, against the table.

use crate::client::Client;
use crate::server::Server;
use exposome_server::access::Role;
use exposome_server::access::permissions::{RULES, Reach, Who, rule_of};
use exposome_server::api;
use serde_json::json;
use std::collections::BTreeMap;

#[test]
fn every_route_stands_in_the_table_and_every_line_of_the_table_is_a_route() {
    let routes = api::all();
    for (method, path) in &routes {
        assert!(
            rule_of(method, path).is_some(),
            "{method} {path} has no line in access/permissions.rs"
        );
    }
    for rule in RULES {
        assert!(
            routes.iter().any(|(method, path)| *method == rule.method && path == rule.path),
            "{rule:?} is no route"
        );
    }
}

#[test]
fn every_role_may_with_every_route_what_the_table_says() {
    let server = Server::with({
        let mut settings = crate::server::settings();
        settings.limits.rates.person_burst = 10_000;
        settings.limits.rates.stranger_burst = 10_000;
        settings
    });
    let root = server.administrator();
    let people: BTreeMap<Role, Client> = Role::ALL
        .into_iter()
        .map(|role| (role, root.person(role.name(), &json!([{ "role": role.name() }]))))
        .collect();
    let nothing = root.person("nothing", &json!([]));
    let mut looked_at = 0;
    for (method, path) in api::all() {
        let rule = rule_of(method, &path).unwrap();
        if rule.path == "/api/v1/live" {
            continue; // It does not end; live.rs looks at it.
        }
        // A name that nothing has: what is allowed finds nothing, and changes nothing.
        let path = path.replace("{id}", "no-such-thing").replace("{name}", "no-such-thing");
        let signs_out = rule.path == "/api/v1/session" && method == "DELETE"
            || rule.path == "/api/v1/me/sessions";
        if signs_out {
            continue; // It is for everybody who is signed in; sign_in.rs looks at it.
        }
        let ask = |client: &Client| {
            // A body that no route takes, so that what is allowed changes nothing.
            let body = (method != "GET").then(|| b"[]".to_vec());
            let answer =
                client.send(method, &path, body.as_ref().map(|_| "application/json"), body);
            assert!(answer.status < 500, "{method} {path}: {answer:?}");
            answer
        };
        let stranger = ask(&server.nobody());
        assert_eq!(
            stranger.status == 401,
            rule.who != Who::Anybody,
            "{method} {path}: {stranger:?}"
        );
        for (role, client) in &people {
            let answer = ask(client);
            let is_allowed = rule.who.reach(*role) != Reach::No;
            assert_eq!(answer.status != 403, is_allowed, "{method} {path} as {role:?}: {answer:?}");
            looked_at += 1;
        }
        let answer = ask(&nothing);
        assert_eq!(
            answer.status == 403,
            matches!(rule.who, Who::Roles(_)),
            "{method} {path} without a role: {answer:?}"
        );
    }
    assert!(looked_at > 150, "{looked_at}");
}
