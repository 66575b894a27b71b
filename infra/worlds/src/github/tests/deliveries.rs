use super::*;

const LIST: &str = "/app/hook/deliveries";

fn pushed(scene: &mut Scene, text: &str) -> Delivery {
    let changes = [FileChange::Put("a", text.as_bytes())];
    let now = at(scene.now);
    scene.world.commit_and_push(scene.repository, "main", "ann", &changes, now).unwrap().1.remove(0)
}

fn asked(scene: &mut Scene, method: Method, path: &str) -> (u16, Value) {
    let token = application_token(scene.now);
    scene.send_as(&token, method, path, &Value::Null)
}

#[test]
fn an_attempt_is_remembered_with_what_came_of_it() {
    let mut scene = scene();
    let webhook = pushed(&mut scene, "1");
    scene.world.note_delivery(&webhook, Some(202), at(20));
    scene.world.note_delivery(&webhook, None, at(21));
    let (status, list) = asked(&mut scene, Method::GET, LIST);
    assert_eq!(status, 200);
    let shown: Vec<_> = list.as_array().unwrap().iter().map(|one| one["status_code"].clone()).collect();
    assert_eq!(shown, [502, 202]);
    assert_eq!((&list[0]["guid"], &list[0]["event"]), (&json!(webhook.delivery), &json!("push")));
    assert_eq!(list[0]["repository_id"], scene.repository);
    assert_eq!(list[0]["installation_id"], scene.installation);
    scene.now += REMEMBERED_FOR.as_secs() - 10 + 20 - 10;
    assert_eq!(asked(&mut scene, Method::GET, LIST).1.as_array().unwrap().len(), 2);
    scene.now += 10;
    assert_eq!(asked(&mut scene, Method::GET, LIST).1.as_array().unwrap().len(), 1);
}

#[test]
fn pages_follow_a_cursor() {
    let mut scene = scene();
    let webhook = pushed(&mut scene, "1");
    for second in 0..3 {
        scene.world.note_delivery(&webhook, Some(500), at(second));
    }
    let token = application_token(scene.now);
    let request = |path: &str| {
        let request = Request::get(path).header("user-agent", "test");
        request.header("authorization", format!("Bearer {token}")).body(Vec::new()).unwrap()
    };
    let first = scene.respond(request(&format!("{LIST}?per_page=2")));
    let link = first.headers()["link"].to_str().unwrap().to_owned();
    let (_, cursor) = link.split_once("cursor=").unwrap();
    let (cursor, _) = cursor.split_once('>').unwrap();
    let second = scene.respond(request(&format!("{LIST}?per_page=2&cursor={cursor}")));
    let page: Value = serde_json::from_slice(second.body()).unwrap();
    assert_eq!(page.as_array().unwrap().len(), 1);
    assert!(second.headers().get("link").is_none());
}

#[test]
fn a_redelivery_has_the_same_bytes_and_guid() {
    let mut scene = scene();
    let webhook = pushed(&mut scene, "1");
    scene.world.note_delivery(&webhook, Some(503), at(20));
    let id = asked(&mut scene, Method::GET, LIST).1[0]["id"].clone();
    assert_eq!(asked(&mut scene, Method::POST, &format!("{LIST}/{id}/attempts")).0, 202);
    let again = scene.world.take_deliveries().remove(0);
    assert!(again.redelivery);
    assert_eq!((&again.delivery, again.bytes()), (&webhook.delivery, webhook.bytes()));
    assert_eq!(asked(&mut scene, Method::POST, &format!("{LIST}/7/attempts")).0, 404);
    let (status, _) = scene.send_as("ghs_other", Method::GET, LIST, &Value::Null);
    assert_eq!(status, 401, "an installation may not ask");
}
