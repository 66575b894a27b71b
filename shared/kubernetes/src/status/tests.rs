//! The bodies are excerpts of what a kube-apiserver 1.36.2 answered.

use super::*;
use jiff::SignedDuration;
use serde_json::{Value, json};

fn answer(status: u16, body: &Value) -> Answer {
    let status = StatusCode::from_u16(status).unwrap();
    Answer { status, retry_after: None, body: body.to_string().into_bytes() }
}

fn write(kind: &'static str, name: &'static str) -> About<'static> {
    About { kind, name: Some(name), changes: true }
}

fn status(code: u16, reason: &str, message: &str) -> Answer {
    answer(
        code,
        &json!({"kind": "Status", "status": "Failure", "message": message, "reason": reason, "code": code}),
    )
}

fn caused(code: u16, reason: &str, causes: &Value) -> Answer {
    let details = json!({"name": "web", "causes": causes});
    answer(
        code,
        &json!({"kind": "Status", "message": "long", "reason": reason, "details": details, "code": code}),
    )
}

#[test]
fn an_immutable_field_is_named_without_its_value() {
    let refused = caused(
        422,
        "Invalid",
        &json!([
            {"reason": "FieldValueInvalid", "field": "spec.template.metadata.labels",
             "message": "Invalid value: {\"app\":\"web\"}: `selector` does not match template `labels`"},
            {"reason": "FieldValueInvalid", "field": "spec.selector",
             "message": "Invalid value: {\"matchLabels\":{\"app\":\"x\"}}: field is immutable"},
        ]),
    );
    let reason = "Deployment web: spec.template.metadata.labels: `selector` does not match template `labels`; \
                  spec.selector: field is immutable";
    assert_eq!(
        refusal(&refused, write("Deployment", "web")),
        CallError::Refused { reason: reason.to_owned() }
    );
}

#[test]
fn a_difference_below_a_cause_is_left_out() {
    let refused = caused(
        422,
        "Invalid",
        &json!([{"reason": "FieldValueForbidden", "field": "spec", "message":
            "Forbidden: spec is immutable after creation except resources.requests\n@@ -6,7 +6,7 @@\n- \"2Gi\""}]),
    );
    let reason = "PersistentVolumeClaim v: spec: spec is immutable after creation except resources.requests";
    assert_eq!(
        refusal(&refused, write("PersistentVolumeClaim", "v")),
        CallError::Refused { reason: reason.to_owned() }
    );
}

#[test]
fn a_wrong_uid_is_a_conflict_not_the_users_fault() {
    let cause = json!({"reason": "FieldValueInvalid", "field": "metadata.uid",
        "message": "Invalid value: \"11111111-1111-1111-1111-111111111111\": field is immutable"});
    let reason = "ConfigMap f: metadata.uid: field is immutable";
    assert_eq!(
        refusal(&caused(422, "Invalid", &json!([cause, cause])), write("ConfigMap", "f")),
        CallError::Conflict { reason: reason.to_owned() }
    );
}

#[test]
fn a_stale_version_and_a_field_of_another_manager_are_conflicts() {
    let message = "Operation cannot be fulfilled on configmaps \"f\": the object has been modified; please apply \
                   your changes to the latest version and try again";
    let stale = refusal(&status(409, "Conflict", message), write("ConfigMap", "f"));
    assert_eq!(stale, CallError::Conflict { reason: format!("ConfigMap f: {message}") });
    let owned = caused(
        409,
        "Conflict",
        &json!([{"reason": "FieldManagerConflict", "field": ".spec.replicas",
                 "message": "conflict with \"team-b\" using apps/v1"}]),
    );
    let reason = "Deployment web: .spec.replicas: conflict with \"team-b\" using apps/v1".to_owned();
    assert_eq!(refusal(&owned, write("Deployment", "web")), CallError::Conflict { reason });
}

#[test]
fn rights_quotas_and_namespaces_that_end_are_forbidden() {
    let message = "configmaps \"a\" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=2, \
                   limited: configmaps=2";
    let quota = refusal(&status(403, "Forbidden", message), write("ConfigMap", "a"));
    assert_eq!(quota, CallError::Forbidden { reason: format!("ConfigMap a: {message}") });
    let ending = caused(
        403,
        "Forbidden",
        &json!([{"reason": "NamespaceTerminating", "field": "metadata.namespace",
                 "message": "namespace end-1 is being terminated"}]),
    );
    let reason = "ConfigMap x: metadata.namespace: namespace end-1 is being terminated".to_owned();
    assert_eq!(refusal(&ending, write("ConfigMap", "x")), CallError::Forbidden { reason });
}

#[test]
fn credentials_that_are_not_accepted_are_no_right_that_is_missing() {
    let refused = refusal(&status(401, "Unauthorized", "Unauthorized"), write("Service", "s"));
    assert_eq!(refused, CallError::Unauthorized { reason: "Service s: Unauthorized".to_owned() });
}

#[test]
fn a_field_that_the_schema_lacks_is_refused_although_the_server_calls_it_internal() {
    let message = "failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): .spec.replcas: field \
                   not declared in schema";
    let about = write("Deployment", "web");
    assert!(matches!(refusal(&status(500, "", message), about), CallError::Refused { .. }));
    let internal = refusal(&status(500, "InternalError", "etcdserver: leader changed"), about);
    assert!(internal.maybe_done());
}

#[test]
fn no_clear_answer_to_a_read_has_no_effect() {
    let reading = About { changes: false, ..write("Deployment", "web") };
    for code in [500, 502, 503, 504] {
        let CallError::Unavailable { maybe_done, .. } = refusal(&status(code, "", "x"), reading) else {
            panic!("{code}")
        };
        assert!(!maybe_done);
        assert!(refusal(&status(code, "", "x"), write("Deployment", "web")).maybe_done());
    }
    let expired = refusal(&status(410, "Expired", "continue too old"), About { name: None, ..reading });
    assert!(matches!(expired, CallError::Unavailable { maybe_done: false, .. }));
}

#[test]
fn too_many_requests_wait_as_long_as_the_server_asks() {
    let mut refused = status(429, "TooManyRequests", "too many requests, please try again later.");
    refused.retry_after = Some(SignedDuration::from_secs(7));
    let CallError::Throttled { after, .. } = refusal(&refused, write("Pod", "p")) else { panic!() };
    assert_eq!(after, Some(SignedDuration::from_secs(7)));
}

#[test]
fn only_the_object_itself_can_be_missing() {
    let body =
        |details: Value| json!({"kind": "Status", "reason": "NotFound", "details": details, "code": 404});
    assert!(is_missing(&answer(404, &body(json!({"name": "f", "kind": "configmaps"}))), "f"));
    let others = [
        answer(404, &body(json!({}))),
        answer(404, &body(json!({"name": "nowhere", "kind": "namespaces"}))),
        answer(404, &json!("<html>no such page</html>")),
    ];
    for other in others {
        assert!(!is_missing(&other, "f"));
        assert!(matches!(refusal(&other, write("ConfigMap", "f")), CallError::Missing { .. }));
    }
}

#[test]
fn nothing_that_a_refusal_says_of_a_secret_is_passed_on() {
    let invalid = caused(
        422,
        "Invalid",
        &json!([{"reason": "FieldValueInvalid", "field": "data[key]", "message": "Invalid value: \"canary\": bad"}]),
    );
    let typed = status(500, "", "failed to create typed patch object: .data: expected map, got &{canary}");
    for refused in [invalid, typed, status(400, "BadRequest", "canary")] {
        let text = refusal(&refused, write("Secret", "database")).to_string();
        assert!(!text.contains("canary") && text.starts_with("Secret database: "), "{text}");
    }
}

#[test]
fn a_reason_has_a_limit() {
    let subject = "ConfigMap a: ".len();
    let fits = status(400, "BadRequest", &"x".repeat(REASON_LIMIT - subject));
    assert_eq!(refusal(&fits, write("ConfigMap", "a")).to_string().chars().count(), REASON_LIMIT);
    let longer = status(400, "BadRequest", &"ü".repeat(REASON_LIMIT - subject + 1));
    let text = refusal(&longer, write("ConfigMap", "a")).to_string();
    assert!(text.ends_with('…') && text.chars().count() == REASON_LIMIT + 1);
}
