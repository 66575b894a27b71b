//! Failures as people meet them: what the comment, the channel, the deployment at GitHub and `status` say, and that it is gone
//! once mended.

use super::*;
use http::{Request, Response};
use roadstead_domain::{platform::Platform, sentence};
use roadstead_steps::{configuration, listing, nouns::Time as _};
use roadstead_worlds::github::FileChange;
use serde_json::{Value, json};

/// Longer than what may pass by itself is waited for.
const GRACE_OVER: Duration = Duration::from_secs(90);

impl Preview {
    /// What is wrong or waited for, as `status` shows the newest deployment.
    async fn status(&self) -> String {
        let environment = self.world.environment(&self.id).unwrap();
        let records = listing::deployments(self.world.state.as_ref(), &environment, 1).await.unwrap();
        let ended = records.get(&environment.carrying).and_then(|record| record.ended.as_ref());
        match ended {
            Some(ended) => sentence::ended(&ended.result),
            None => sentence::under_way(&environment.phase, environment.stage, environment.attempts),
        }
    }

    /// The newest state of the newest deployment that GitHub shows, with its description.
    fn deployment(&self) -> (String, String) {
        let github = self.world.github.lock().unwrap();
        let deployments = github.deployments(self.world.repository).into_iter();
        let ours = deployments.filter(|deployment| deployment.environment == self.id);
        let newest = ours.max_by_key(|deployment| deployment.id).unwrap().statuses.last().unwrap();
        (newest.state.clone(), newest.description.clone())
    }

    /// What the message in the channel says.
    fn in_channel(&self) -> String {
        self.world.said_of(&self.id).pop().unwrap().1
    }

    /// In all places the same sentence begins what is told; in the comment and in the channel it is told once.
    async fn is_told(&self, state: &str, wrong: &str) {
        let (comment, status) = (self.comment(), self.status().await);
        for place in [&comment, &self.in_channel()] {
            assert_eq!(place.matches(wrong).count(), 1, "{place}");
        }
        assert!(status.contains(wrong), "{status}");
        let (shown, description) = self.deployment();
        assert_eq!(description, sentence::one_line(&self.phase()));
        let begins: String = wrong.chars().take(100).collect();
        assert!(shown == state && description.contains(&begins), "{shown}: {description}");
    }

    /// Nowhere is it told any more.
    async fn is_mended(&self, wrong: &str) {
        self.world.pass(A_WHILE).await;
        let comment = self.comment();
        for place in [&comment, &self.in_channel()] {
            assert!(place.contains(": ready") && !place.contains(wrong), "{place}");
        }
        assert_eq!(self.status().await, "ready");
        assert_eq!(self.deployment(), ("success".to_owned(), "ready".to_owned()));
    }

    /// Containers of an image stand so, as a kubelet shows it.
    fn container_stands(&self, digest: &str, state: Value) {
        let states = [(digest.to_owned(), state)].into();
        self.world.cluster.lock().unwrap().set_container_states(states);
    }

    /// A push whose image stands so is told so; the next one is good.
    async fn stands_and_is_mended(&self, state: Value, shown: &str, wrong: &str) {
        let bad = self.push(&format!("bad: {wrong}"));
        self.container_stands(&bad, state);
        self.world.pass(GRACE_OVER).await;
        self.is_told(shown, wrong).await;
        self.push(&format!("good: {wrong}"));
        self.is_mended(wrong).await;
    }

    /// The platform engineers put another file in force.
    async fn put_platform(&self, change: impl FnOnce(String) -> String) {
        let text = change(self.world.platform.clone());
        let parsed = Platform::parse(text.as_bytes()).unwrap();
        let world = &self.world;
        configuration::seed(world.state.as_ref(), &parsed, &text, world.time.now()).await.unwrap();
    }
}

fn waiting(reason: &str, message: &str) -> Value {
    json!({ "state": { "waiting": { "reason": reason, "message": message } } })
}

pub(super) fn crash(terminated: &Value) -> Value {
    json!({
        "state": { "waiting": { "reason": "CrashLoopBackOff", "message": "back-off 40s restarting failed container" } },
        "lastState": { "terminated": terminated },
        "restartCount": 3,
    })
}

#[test]
fn a_container_that_does_not_run_is_told_with_its_reason_and_the_fix() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let pull = "ErrImagePull: failed to pull and unpack image: failed to resolve reference: ";
        for (state, shown, wrong) in [
            (
                waiting("ImagePullBackOff", &format!("{pull}not found")),
                "failure",
                "The image of `web` is not in the registry: build and push it again.",
            ),
            (
                waiting("ErrImagePull", &format!("{pull}unexpected status from HEAD request: 403 Forbidden")),
                "error",
                "The cluster may not pull the image of `web`: a platform engineer must let its nodes read that repository.",
            ),
            (
                waiting("ErrImagePull", "rpc error: no match for platform in manifest: not found"),
                "failure",
                "The image of `web` is not built for the machines of the cluster: build it for their platform too.",
            ),
            (
                crash(&json!({ "exitCode": 1, "reason": "Error", "message": "no database" })),
                "failure",
                "`web` keeps crashing, with exit code 1 (Error): see its log, fix it, and push.",
            ),
            (
                crash(&json!({ "exitCode": 137, "reason": "OOMKilled" })),
                "failure",
                "`web` was killed for using more memory than its limit: raise `resources.limits.memory` in its Score file.",
            ),
            (
                crash(
                    &json!({ "exitCode": 128, "reason": "StartError", "message": "exec /web: exec format error" }),
                ),
                "failure",
                "The image of `web` is not built for the machines of the cluster: build it for their platform too.",
            ),
            (
                waiting("CreateContainerConfigError", "secret \"web\" not found"),
                "failure",
                "`web` does not start: CreateContainerConfigError.",
            ),
        ] {
            preview.stands_and_is_mended(state, shown, wrong).await;
        }
    });
}

#[test]
fn what_may_pass_is_told_while_it_is_waited_for() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let running =
            json!({ "state": { "running": { "startedAt": "2026-11-21T08:00:00Z" } }, "ready": false });
        let wrong = "`web` runs and does not become ready: see what its readiness probe asks, and its log.";
        preview.stands_and_is_mended(running.clone(), "in_progress", wrong).await;

        let bad = preview.push("never ready");
        preview.container_stands(&bad, running);
        preview.world.pass(Duration::from_secs(11 * 60)).await;
        preview.is_told("failure", &format!("Not ready in time: {wrong}")).await;
        assert!(!preview.comment().contains("tried again by itself"), "{}", preview.comment());
    });
}

#[test]
fn a_quota_is_told_and_gone_when_it_is_raised() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        preview.put_platform(|platform| platform.replace("pods: 20", "pods: 2")).await;
        preview.push("one more");
        preview.world.pass(GRACE_OVER).await;
        let wrong = "The environment's quota is used up: ask for less in the Score files, or have the quota of its type raised.";
        preview.is_told("failure", wrong).await;
        assert!(preview.comment().contains("exceeded quota: "), "{}", preview.comment());
        preview.put_platform(sample).await;
        preview.push("with room");
        preview.is_mended(wrong).await;
    });
}

#[test]
fn a_score_file_that_is_missing_or_invalid_is_told_with_its_place() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let world = &preview.world;
        let change = [FileChange::Delete("web/score.yaml")];
        let pushed = world.github.lock().unwrap().commit_and_push(
            world.repository,
            "feature",
            "ada",
            &change,
            world.time.now(),
        );
        world.deliver(pushed.unwrap().1);
        world.build_head(preview.number, "web");
        world.pass(A_WHILE).await;
        preview.is_told("failure", "There is no Score file for `web` at `web/score.yaml` in ").await;

        world.push_file("feature", "web/score.yaml", "apiVersion: score.dev/v1b1\nmetadata:\n  name: 7\n");
        world.build_head(preview.number, "web");
        world.pass(A_WHILE).await;
        preview.is_told("failure", "web/score.yaml").await;
        assert!(preview.comment().contains("web/score.yaml:2: "), "{}", preview.comment());

        let whole = String::from_utf8_lossy(crate::simulation::world::WEB_SCORE).into_owned();
        world.push_file("feature", "web/score.yaml", &whole);
        world.build_head(preview.number, "web");
        preview.is_mended("Score").await;
    });
}

#[test]
fn an_image_for_other_machines_is_refused_before_anything_is_applied() {
    crate::simulation::in_virtual_time(async {
        let arm =
            |platform: String| platform.replacen("  local:\n", "  local:\n    platforms: [linux/arm64]\n", 1);
        let preview = Preview::begin(sample).await;
        let before = preview.world.objects_of(&preview.id).len();
        preview.put_platform(arm).await;
        let bad = preview.push("for amd64 only");
        preview.world.pass(A_WHILE).await;
        let wrong = "The image of `web` is built for linux/amd64, and the cluster `local` runs linux/arm64. \
                     Build it for linux/arm64 too, and push.";
        preview.is_told("failure", wrong).await;
        assert_eq!(preview.world.objects_of(&preview.id).len(), before);
        let runs =
            preview.world.objects_of(&preview.id).iter().any(|object| object.to_string().contains(&bad));
        assert!(!runs, "nothing was applied");
        preview.put_platform(sample).await;
        preview.push("where it runs");
        preview.is_mended(wrong).await;
    });
}

fn refused(status: u16, reason: &str, message: &str) -> Option<Response<Vec<u8>>> {
    let body = json!({ "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "message": message, "code": status });
    let response = Response::builder().status(status).header("content-type", "application/json");
    Some(response.body(body.to_string().into_bytes()).unwrap())
}

fn writes_a_deployment(request: &Request<Vec<u8>>) -> bool {
    request.method() == "PATCH" && request.uri().path().contains("/deployments/")
}

type Answered = fn(&Request<Vec<u8>>) -> Option<Response<Vec<u8>>>;

#[test]
fn a_cluster_that_refuses_says_who_must_act() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        let unknown: Answered = |_| refused(401, "Unauthorized", "Unauthorized");
        let right: Answered = |request| {
            let words = "deployments.apps \"web\" is forbidden: User \"roadstead\" cannot patch resource \"deployments\" \
                         in API group \"apps\" in the namespace \"shop-pr-1\"";
            writes_a_deployment(request).then(|| refused(403, "Forbidden", words)).flatten()
        };
        let policy: Answered = |request| {
            let words = "deployments.apps \"web\" is forbidden: ValidatingAdmissionPolicy 'signed-images' with binding \
                         'everywhere' denied request: the image is not signed";
            writes_a_deployment(request).then(|| refused(422, "Invalid", words)).flatten()
        };
        for (answered, shown, wrong) in [
            (
                unknown,
                "error",
                "The cluster `local` does not know Roadstead: a platform engineer must renew its credentials there.",
            ),
            (
                right,
                "error",
                "The cluster does not let Roadstead do this: a platform engineer must apply `infra/cluster` there again.",
            ),
            (
                policy,
                "failure",
                "A policy of the cluster does not allow this: change what it names, or ask a platform engineer about it.",
            ),
        ] {
            preview.world.faults.instead.lock().unwrap().insert("cluster", answered);
            preview.push(&format!("refused: {wrong}"));
            preview.world.pass(A_WHILE).await;
            preview.is_told(shown, wrong).await;
            let attention = matches!(preview.phase(), Phase::NeedsAttention { .. });
            assert_eq!(attention, shown == "error", "{:?}", preview.phase());
            preview.world.faults.instead.lock().unwrap().clear();
            preview.push(&format!("let in: {wrong}"));
            preview.is_mended(wrong).await;
        }
    });
}

#[test]
fn a_zone_or_a_cluster_that_takes_no_requests_is_told_while_it_is_waited_for() {
    crate::simulation::in_virtual_time(async {
        let preview = Preview::begin(sample).await;
        // The wildcard, which was seen, is not believed any more: the zone is asked again.
        preview.world.pass(A_WHILE).await;
        let throttled: Answered = |_| Some(crate::simulation::wire::route53_throttling());
        let silent: Answered =
            |_| refused(503, "ServiceUnavailable", "the server is currently unable to handle the request");
        for (wire, answered, wrong) in [
            (
                "route53",
                throttled,
                "The DNS zone `Z0000000000001` is throttled: it takes no more requests just now.",
            ),
            ("cluster", silent, "The cluster `local` does not answer."),
        ] {
            preview.world.faults.instead.lock().unwrap().insert(wire, answered);
            preview.push(&format!("waits: {wrong}"));
            preview.world.pass(Duration::from_secs(60)).await;
            assert!(preview.status().await.contains("waiting: "), "{}", preview.status().await);
            preview.is_told("in_progress", wrong).await;
            preview.world.faults.instead.lock().unwrap().clear();
            preview.is_mended(wrong).await;
        }
    });
}
