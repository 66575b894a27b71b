//! The sample, and how to find things in its plan.

use super::*;

const PLATFORM: &str = include_str!("../../../../../infra/local/sample/platform.yaml");
pub(super) const WEB: &str = include_str!("../../../../../infra/local/sample/web/score.yaml");
pub(super) const WORKER: &str = include_str!("../../../../../infra/local/sample/worker/score.yaml");

/// The sample, to be changed before it is planned.
pub(super) struct Sample {
    pub(super) platform: String,
    pub(super) web: String,
    pub(super) worker: String,
    pub(super) environment: &'static str,
    pub(super) kind: &'static str,
    pub(super) generation: u64,
}

impl Sample {
    pub(super) fn preview() -> Self {
        let (platform, web, worker) = (PLATFORM.to_owned(), WEB.to_owned(), WORKER.to_owned());
        Self { platform, web, worker, environment: "shop/pr-42", kind: "preview", generation: 7 }
    }

    pub(super) fn staging() -> Self {
        Self { environment: "shop/staging", kind: "staging", ..Self::preview() }
    }

    pub(super) fn with_web(from: &str, to: &str) -> Self {
        assert!(WEB.contains(from), "{from:?}");
        Self { web: WEB.replace(from, to), ..Self::preview() }
    }

    pub(super) fn with_worker(from: &str, to: &str) -> Self {
        assert!(WORKER.contains(from), "{from:?}");
        Self { worker: WORKER.replace(from, to), ..Self::preview() }
    }

    pub(super) fn with_platform(from: &str, to: &str) -> Self {
        assert!(PLATFORM.contains(from), "{from:?}");
        Self { platform: PLATFORM.replacen(from, to, 1), ..Self::preview() }
    }

    pub(super) fn in_namespace(namespace: &str) -> Self {
        let following = format!("branch: main, namespace: {namespace} }}");
        Self { platform: PLATFORM.replacen("branch: main }", &following, 1), ..Self::staging() }
    }

    pub(super) fn plan(&self) -> Result<Plan, Refusal> {
        self.plan_with(&|_, _| {})
    }

    pub(super) fn plan_with(
        &self,
        change: &dyn Fn(&mut Revisions, &mut BTreeMap<WorkloadName, ScoreFile>),
    ) -> Result<Plan, Refusal> {
        let platform = Platform::parse(self.platform.as_bytes()).unwrap().platform;
        let mut revisions = revisions();
        let score = |path: &str, text: &str| ScoreFile::parse(path, text.as_bytes()).unwrap();
        let mut scores = BTreeMap::from([
            ("web".parse().unwrap(), score("web/score.yaml", &self.web)),
            ("worker".parse().unwrap(), score("worker/score.yaml", &self.worker)),
        ]);
        change(&mut revisions, &mut scores);
        plan(&Inputs {
            platform: &platform,
            environment: &self.environment.parse().unwrap(),
            kind: &platform.types[&self.kind.parse().unwrap()],
            generation: self.generation,
            incarnation: 2,
            revisions: &revisions,
            scores: &scores,
        })
    }
}

pub(super) fn digest(digit: &str) -> Digest {
    format!("sha256:{}", digit.repeat(64)).parse().unwrap()
}

pub(super) fn revisions() -> Revisions {
    let chosen = |digit| Chosen {
        digest: digest(digit),
        commit: None,
        origin: Origin::Built { evidence: Evidence::Tag },
    };
    let images =
        BTreeMap::from([("web".parse().unwrap(), chosen("1")), ("worker".parse().unwrap(), chosen("2"))]);
    Revisions { commit: "a".repeat(40).parse().unwrap(), images }
}

pub(super) fn objects(plan: &Plan) -> impl Iterator<Item = &Value> {
    plan.parts.iter().flat_map(|part| part.guards.iter().chain(&part.manifests))
}

pub(super) fn find<'a>(plan: &'a Plan, kind: &str, name: &str) -> &'a Value {
    objects(plan)
        .find(|object| object["kind"] == kind && object["metadata"]["name"] == name)
        .unwrap_or_else(|| panic!("no {kind} {name}"))
}

pub(super) fn names(objects: &[Value]) -> Vec<String> {
    let name = |object: &Value| {
        format!("{} {}", object["kind"].as_str().unwrap(), object["metadata"]["name"].as_str().unwrap())
    };
    objects.iter().map(name).collect()
}
