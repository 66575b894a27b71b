use super::*;

#[test]
fn the_hour_has_so_many_requests_and_then_begins_anew() {
    let mut scene = scene();
    scene.world.settings.requests_per_hour = 2;
    let get = |scene: &mut Scene| {
        let request = scene.request(Method::GET, "/repos/acme/shop").body(Vec::new()).unwrap();
        let response = scene.respond(request);
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        (response.status().as_u16(), header("x-ratelimit-remaining"), header("x-ratelimit-reset"))
    };
    let reset = (at(10).as_second() + 3_600).to_string();
    assert_eq!(get(&mut scene), (200, "1".to_owned(), reset.clone()));
    assert_eq!(get(&mut scene), (200, "0".to_owned(), reset.clone()));
    assert_eq!(get(&mut scene), (403, "0".to_owned(), reset));
    scene.now = 3_610;
    scene.world.settings.requests_per_hour = 5_000;
    scene.token = scene.new_token();
    scene.world.settings.requests_per_hour = 2;
    assert_eq!(get(&mut scene).0, 200);
}

#[test]
fn so_much_content_is_created_in_a_minute() {
    let mut scene = scene();
    scene.open("topic");
    let limit = scene.world.settings.creations_per_minute;
    let body = json!({ "body": "a" });
    for _ in 0..limit {
        assert_eq!(scene.send(Method::POST, "/issues/1/comments", &body).0, 201);
    }
    scene.now += 59;
    scene.world.settings.secondary_status = 429;
    let request = scene.request(Method::POST, "/repos/acme/shop/issues/1/comments");
    let refused = scene.respond(request.body(body.to_string().into_bytes()).unwrap());
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()), (429, "60"));
    assert!(String::from_utf8_lossy(refused.body()).contains("secondary rate limit"));
    assert_eq!(scene.get("/issues/1/comments").0, 200);
    scene.now += 1;
    assert_eq!(scene.send(Method::POST, "/issues/1/comments", &body).0, 201);
    assert_eq!(scene.world.comments(scene.repository, 1).len(), limit + 1);
}

#[test]
fn every_response_names_its_request() {
    let mut scene = scene();
    let request = scene.request(Method::GET, "/repos/acme/shop").body(Vec::new()).unwrap();
    let (first, second) = (scene.respond(request.clone()), scene.respond(request));
    let id =
        |response: &Response<Vec<u8>>| response.headers()["x-github-request-id"].to_str().unwrap().to_owned();
    assert_ne!(id(&first), id(&second));
    assert_eq!(first.headers()["x-ratelimit-limit"], "5000");
    assert_eq!(scene.world.requests(), 3);
}
