//! What a changed platform configuration means to one environment.

use super::{Cluster, EnvironmentType, Following, Platform, Previews, Workload};
use crate::{environment::Environment, name::WorkloadName, repository::Repository};
use std::collections::BTreeMap;

/// Everything in a configuration that an existing environment is made by. Rights are asked when somebody wants something, and
/// the limit of a type when another environment is created: neither is part of it.
#[derive(PartialEq)]
struct Part<'a> {
    repository: &'a Repository,
    previews: Option<&'a Previews>,
    standing: Option<&'a Following>,
    workloads: &'a BTreeMap<WorkloadName, Workload>,
    kind: EnvironmentType,
    clusters: Vec<Option<&'a Cluster>>,
}

impl Platform {
    /// Whether an environment is to be made otherwise than an older configuration said. One that this configuration does not
    /// have any more is left as it is: what is missing is never a reason.
    pub fn changes(&self, older: &Platform, environment: &Environment) -> bool {
        match (older.part(environment), self.part(environment)) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(older), Some(newer)) => {
                let left_out = older.standing.is_some() && newer.standing.is_none()
                    || older.previews.is_some() && newer.previews.is_none();
                !left_out && older != newer
            }
        }
    }

    /// Whether the application and the type of an environment are there.
    pub fn has(&self, environment: &Environment) -> bool {
        self.part(environment).is_some()
    }

    /// Whether an environment that follows a branch or tags is in the configuration no more, neither by its name nor as one
    /// that somebody may have asked for in chat: it stays as it is, and follows nothing by itself.
    pub fn leaves_out(&self, environment: &Environment) -> bool {
        let Some(application) = self.applications.get(&environment.id.application) else {
            return environment.source.number().is_none();
        };
        let named = application.environments.contains_key(&environment.id.name);
        let asked_for = environment.source.branch().is_some()
            && application.previews.as_ref().is_some_and(|previews| previews.kind == environment.kind);
        environment.source.number().is_none() && !named && !asked_for
    }

    fn part(&self, environment: &Environment) -> Option<Part<'_>> {
        let application = self.applications.get(&environment.id.application)?;
        let kind = self.types.get(&environment.kind)?;
        let is_preview = environment.source.number().is_some();
        Some(Part {
            repository: &application.repository,
            previews: application.previews.as_ref().filter(|_| is_preview),
            standing: application.environments.get(&environment.id.name).filter(|_| !is_preview),
            workloads: &application.workloads,
            kind: EnvironmentType { limit: 0, ..kind.clone() },
            clusters: kind.clusters.iter().map(|name| self.clusters.get(name)).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::sample::{preview, ready};
    use serde_json::json;

    const SAMPLE: &str = include_str!("../../../../infra/local/sample/platform.yaml");

    fn platform(from: &str, to: &str) -> Platform {
        assert!(SAMPLE.contains(from), "{from}");
        Platform::parse(SAMPLE.replace(from, to).as_bytes()).unwrap().platform
    }

    /// A standing environment, a preview, and one that somebody asked for in chat.
    fn environments() -> [Environment; 3] {
        let branch = |name| json!({ "kind": "branch", "branch": name });
        [
            ready("shop/staging", "staging", &branch("main")),
            preview(2),
            ready("shop/try", "preview", &branch("feature")),
        ]
    }

    /// Which environments a change of the sample's file concerns.
    fn concerned(from: &str, to: &str) -> [bool; 3] {
        let (older, newer) = (platform("demo", "demo"), platform(from, to));
        environments().map(|environment| newer.changes(&older, &environment))
    }

    #[test]
    fn an_environment_is_concerned_by_what_it_is_made_of_and_by_nothing_else() {
        for (from, to, expected) in [
            ("pods: 40", "pods: 41", [true, false, false]),
            ("pods: 20", "pods: 21", [false, true, true]),
            ("domain: example.localhost", "domain: other.localhost", [true, false, false]),
            ("drafts: true", "drafts: false", [false, true, false]),
            ("branch: main", "branch: release", [true, false, false]),
            ("score: web/score.yaml", "score: score.yaml", [true, true, true]),
            ("limit: 20", "limit: 21", [false, false, false]),
            ("any_github_user, ", "", [false, false, false]),
            ("region: eu-west-1", "region: eu-west-2", [false, false, false]),
            ("# Standing", "# All standing", [false, false, false]),
        ] {
            assert_eq!(concerned(from, to), expected, "{from} becomes {to}");
        }
    }

    #[test]
    fn what_the_newer_configuration_does_not_have_is_left_alone() {
        let previews = "    previews: { type: preview, base: staging, drafts: true }\n";
        assert_eq!(concerned(previews, ""), [false; 3]);
        let staging = "      staging: { type: staging, branch: main }\n";
        let with_another =
            platform(staging, &format!("      qa: {{ type: staging, branch: main }}\n{staging}"));
        let (without, [other, ..]) = (platform("pods: 40", "pods: 41"), environments());
        let qa = Environment { id: "shop/qa".parse().unwrap(), ..other };
        assert!(!without.changes(&with_another, &qa) && without.has(&qa));
        assert_eq!(concerned("  shop:\n", "  another:\n"), [false; 3]);
        let without = platform("  shop:\n", "  another:\n");
        assert!(environments().iter().all(|environment| !without.has(environment)));
    }

    #[test]
    fn what_is_left_out_follows_nothing_but_its_pull_request() {
        let left_out = |from: &str, to: &str| {
            let platform = platform(from, to);
            environments().map(|environment| platform.leaves_out(&environment))
        };
        assert_eq!(left_out("demo", "demo"), [false; 3]);
        assert_eq!(left_out("  shop:\n", "  another:\n"), [true, false, true]);
        let [staging, ..] = environments();
        let qa = Environment { id: "shop/qa".parse().unwrap(), ..staging };
        assert!(platform("demo", "demo").leaves_out(&qa));
    }

    #[test]
    fn what_an_older_configuration_did_not_have_is_concerned() {
        let (older, newer) = (platform("  shop:\n", "  another:\n"), platform("demo", "demo"));
        assert!(environments().iter().all(|environment| newer.changes(&older, environment)));
    }
}
