use super::*;
use crate::github::tokens::JWT_LIFETIME_LIMIT;

#[test]
fn a_token_has_the_long_format_and_is_good_for_an_hour() {
    let mut scene = scene();
    assert!(scene.token.starts_with("ghs_77_") && scene.token.len() > 400, "{}", scene.token.len());
    assert_eq!(scene.token.split('.').count(), 3);
    scene.now = 10 + 3_599;
    assert_eq!(scene.get("").0, 200);
    scene.now += 1;
    let (status, reply) = scene.get("");
    assert_eq!((status, &reply["message"]), (401, &json!("Bad credentials")));
}

#[test]
fn an_apps_token_is_refused_for_what_is_wrong_with_it() {
    let mut scene = scene();
    let now = at(scene.now).as_second();
    let header = json!({ "alg": "RS256" });
    let claims = |exp: i64, iat: i64| json!({ "iss": "Iv1.roadstead", "iat": iat, "exp": exp });
    let path = format!("/app/installations/{}/access_tokens", scene.installation);
    let longest = JWT_LIFETIME_LIMIT.as_secs();
    let good = signed(&header, &claims(now + longest, now + 60));
    assert_eq!(scene.send_as(&good, Method::POST, &path, &json!({})).0, 201);
    let other = signed(&header, &claims(now + 599, now));
    let forged = format!("{}.{}", other.rsplit_once('.').unwrap().0, good.rsplit_once('.').unwrap().1);
    for (token, status, said) in [
        (signed(&header, &claims(now + longest + 1, now)), 401, "too far in the future"),
        (signed(&header, &claims(now, now - 600)), 401, "('exp') must be a numeric value"),
        (signed(&header, &claims(now + 600, now + 61)), 401, "('iat') must be"),
        (signed(&header, &json!({ "iss": 78, "iat": now, "exp": now + 60 })), 404, "Integration not found"),
        (signed(&json!({ "alg": "none" }), &claims(now + 60, now)), 401, "could not be decoded"),
        (forged, 401, "could not be decoded"),
        ("nonsense".to_owned(), 401, "could not be decoded"),
    ] {
        let (seen, reply) = scene.send_as(&token, Method::POST, &path, &json!({}));
        assert_eq!(seen, status, "{reply}");
        assert!(reply["message"].as_str().unwrap().contains(said), "{reply}");
    }
    for path in ["/app/installations/1/access_tokens", "/app/installations", "/app/hook"] {
        assert_eq!(scene.send_as(&good, Method::POST, path, &json!({})).0, 404, "{path}");
    }
}

#[test]
fn without_credentials_or_a_user_agent_nothing_is_answered() {
    let mut scene = scene();
    let bare = Request::get("/repos/acme/shop").body(Vec::new()).unwrap();
    assert_eq!(scene.respond(bare).status(), 403);
    let anonymous = Request::get("/repos/acme/shop").header("user-agent", "test").body(Vec::new()).unwrap();
    assert_eq!(scene.respond(anonymous).status(), 401);
    assert_eq!(scene.send_as("ghs_77_a.b.c", Method::GET, "/repos/acme/shop", &Value::Null).0, 401);
    let versions = [("2022-11-28", 200), ("2020-01-01", 400)];
    for (version, status) in versions {
        let request = scene.request(Method::GET, "/repos/acme/shop").header("x-github-api-version", version);
        assert_eq!(scene.respond(request.body(Vec::new()).unwrap()).status(), status);
    }
}

#[test]
fn what_the_installation_does_not_see_is_not_there() {
    let mut scene = scene();
    let other = scene.world.create_repository("acme", "secret", true, &[], at(0));
    let token = scene.token.clone();
    let paths =
        ["/repos/acme/secret".to_owned(), format!("/repositories/{other}"), "/repos/acme/none".to_owned()];
    for path in &paths {
        assert_eq!(scene.send_as(&token, Method::GET, path, &Value::Null).0, 404, "{path}");
    }
    let added = scene.world.add_to_installation(scene.installation, &[other], at(0)).unwrap();
    assert_eq!(added[0].body["repositories_added"][0]["full_name"], "acme/secret");
    assert_eq!(scene.send_as(&token, Method::GET, &paths[0], &Value::Null).0, 200);
    scene.world.uninstall(scene.installation, at(0)).unwrap();
    assert_eq!(scene.send_as(&token, Method::GET, &paths[0], &Value::Null).0, 401);
}

#[test]
fn every_resource_needs_its_permission() {
    let mut scene = scene();
    scene.open("topic");
    for (permission, method, rest) in [
        ("contents", Method::GET, "/contents/score.yaml"),
        ("contents", Method::GET, "/commits/main"),
        ("deployments", Method::POST, "/deployments"),
        ("actions", Method::GET, "/environments"),
        ("metadata", Method::GET, "/collaborators/ann/permission"),
    ] {
        scene.world.grant(scene.installation, permission, None).unwrap();
        let (status, reply) = scene.send(method, rest, &json!({}));
        assert_eq!(
            (status, &reply["message"]),
            (403, &json!("Resource not accessible by integration")),
            "{rest}"
        );
        scene.world.grant(scene.installation, permission, Some("write")).unwrap();
    }
    for permission in ["issues", "pull_requests"] {
        assert_eq!(scene.send(Method::POST, "/issues/1/comments", &json!({ "body": "a" })).0, 201);
        scene.world.grant(scene.installation, permission, Some("read")).unwrap();
    }
    assert_eq!(scene.send(Method::POST, "/issues/1/comments", &json!({ "body": "a" })).0, 403);
    assert_eq!(scene.get("/issues/1/comments").0, 200);
}
