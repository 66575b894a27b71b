//! What must be true when everything has come to rest: the world's own truth, not what our rows say.

use super::world::{CHANNEL, World};
use roadstead_domain::environment::Phase;
use roadstead_domain::sentence::outcome;
use roadstead_domain::trigger::Trigger;
use roadstead_steps::rows;
use roadstead_worlds::{cluster::Cluster, github::CheckRun, slack::Message};
use serde_json::Value;
use std::{collections::BTreeSet, sync::Mutex};

impl World {
    /// The cluster that the platform file calls so.
    pub fn cluster_called(&self, name: &str) -> &Mutex<Cluster> {
        if name == "second" { &self.second } else { &self.cluster }
    }

    /// The live objects of an environment, in whatever cluster, by its mark.
    pub fn objects_of(&self, id: &str) -> Vec<Value> {
        ["main", "second"].iter().flat_map(|cluster| self.objects_in(cluster, id)).collect()
    }

    /// The live objects of an environment in one cluster.
    pub fn objects_in(&self, cluster: &str, id: &str) -> Vec<Value> {
        let mark = format!("demo/{id}");
        let cluster = self.cluster_called(cluster).lock().unwrap();
        let ours = |object: &&Value| object["metadata"]["annotations"]["roadstead.dev/mark"] == mark.as_str();
        cluster.objects().filter(ours).cloned().collect()
    }

    /// The image that a workload's Deployment names in one cluster.
    pub fn image_in(&self, cluster: &str, id: &str, workload: &str) -> Option<String> {
        let objects = self.objects_in(cluster, id);
        let found = objects.iter().find(|object| {
            object["kind"] == "Deployment"
                && object["metadata"]["name"].as_str().is_some_and(|name| name.contains(workload))
        })?;
        let image = found["spec"]["template"]["spec"]["containers"][0]["image"].as_str()?;
        Some(image.split_once('@')?.1.to_owned())
    }

    /// The texts of our comments on a pull request.
    pub fn comments(&self, number: u64) -> Vec<String> {
        let github = self.github.lock().unwrap();
        github.comments(self.repository, number).into_iter().map(|comment| comment.body.clone()).collect()
    }

    /// How many deployments GitHub shows as active for an environment.
    pub fn active_deployments(&self, id: &str) -> usize {
        let github = self.github.lock().unwrap();
        let active = github.deployments(self.repository).into_iter().filter(|deployment| {
            deployment.environment == id
                && deployment.statuses.last().is_some_and(|status| status.state != "inactive")
        });
        active.count()
    }

    /// The check runs of an environment, the oldest first.
    pub fn checks(&self, id: &str) -> Vec<CheckRun> {
        let github = self.github.lock().unwrap();
        let name = format!("Roadstead: {id}");
        github.check_runs(self.repository).into_iter().filter(|run| run.name == name).cloned().collect()
    }

    /// At rest every check run is completed, none is there twice, and the newest says how it stands.
    fn checks_say(&self, id: &str, ready: bool) -> Result<(), String> {
        let checks = self.checks(id);
        let marks: BTreeSet<&str> = checks.iter().map(|run| run.external_id.as_str()).collect();
        let open = checks.iter().any(|run| run.conclusion.is_none());
        let succeeded = checks.last().is_some_and(|run| run.conclusion.as_deref() == Some("success"));
        if marks.len() < checks.len() || open || succeeded != ready {
            Err(format!("the checks of {id} say {checks:#?}"))
        } else {
            Ok(())
        }
    }

    /// What was said of an environment in the channel of its application, once for each incarnation.
    pub fn said_of(&self, id: &str) -> Vec<(String, String)> {
        self.said(id, |message| message.below.is_none())
    }

    /// What was said below those messages, with its marker.
    pub fn said_below(&self, id: &str) -> Vec<(String, String)> {
        self.said(id, |message| message.below.is_some() && message.broadcast)
    }

    fn said(&self, id: &str, which: fn(&Message) -> bool) -> Vec<(String, String)> {
        let begin = format!("demo/{id}#");
        let slack = self.slack.lock().unwrap();
        let these = slack.messages(CHANNEL).into_iter().filter(|message| which(message));
        let marked = these.filter_map(|message| {
            let marker = message.metadata.as_ref()?["event_payload"]["marker"].as_str()?;
            Some((marker.to_owned(), message.text.clone())).filter(|_| marker.starts_with(&begin))
        });
        marked.collect()
    }

    /// At rest the channel tells of each incarnation once, and of the newest how it stands.
    fn channel_says(&self, id: &str, word: &str) -> Result<(), String> {
        let said = self.said_of(id);
        let markers: BTreeSet<&str> = said.iter().map(|(marker, _)| marker.as_str()).collect();
        match said.last() {
            Some((_, text)) if markers.len() < said.len() || !text.contains(word) => {
                Err(format!("the channel says of {id}, which is {word}: {said:#?}"))
            }
            _ => Ok(()),
        }
    }

    /// The names of records that carry a mark of ours.
    pub fn marked_records(&self, id: &str) -> Vec<String> {
        let dns = self.dns.lock().unwrap();
        let zones = self.zones();
        let sets = zones.iter().flat_map(|zone| dns.record_sets(zone).cloned().collect::<Vec<_>>());
        let ours =
            sets.filter(|set| set.values().any(|value| value.contains(&format!("roadstead=demo/{id} "))));
        ours.map(|set| set.name).collect()
    }

    fn zones(&self) -> [String; 3] {
        ["Z0000000000001", "Z0000000000002", "Z0000000000003"].map(str::to_owned)
    }

    /// What came of each trigger for an environment, in the order in which they came in.
    pub fn outcomes(&self, id: &str) -> Vec<String> {
        let rows = self.state.rows().into_iter().filter(|row| row.key.sort == "trigger");
        let mut triggers: Vec<Trigger> = rows.map(|row| rows::read(&row).unwrap()).collect();
        triggers.sort_by_key(|trigger| trigger.received_at);
        let told = triggers.into_iter().flat_map(|trigger| trigger.outcomes);
        told.filter(|(about, _)| about.to_string() == id).map(|(_, told)| outcome(&told)).collect()
    }

    /// Nothing is under way: no claim, no stage, no open trigger, nothing owed.
    pub fn at_rest(&self) -> Result<(), String> {
        for row in self.state.rows() {
            let kind = row.key.partition.split('#').next().unwrap_or_default().to_owned();
            if kind == "trigger" && rows::read::<Trigger>(&row).unwrap().closed.is_none() {
                return Err(format!("the trigger {} is open", row.key.partition));
            }
            if row.attributes.contains_key("claim") {
                return Err(format!("{} is claimed", row.key.partition));
            }
            if kind == "announcement" && row.attributes.get("owed") != row.attributes.get("shown") {
                return Err(format!("{} is owed", row.key.partition));
            }
        }
        Ok(())
    }

    /// An environment runs exactly these digests in every cluster of its type, is ready, and says so.
    pub fn runs(&self, id: &str, web: &str, worker: &str) -> Result<(), String> {
        let environment = self.environment(id).ok_or("there is no environment")?;
        if environment.phase != Phase::Ready {
            return Err(format!("{id} is {:?}", environment.phase));
        }
        for cluster in &environment.inventory.clusters {
            for (workload, wanted) in [("web", web), ("worker", worker)] {
                let runs = self.image_in(cluster.as_str(), id, workload);
                if runs.as_deref() != Some(wanted) {
                    return Err(format!("{id}: {workload} runs {runs:?} in {cluster} and not {wanted}"));
                }
            }
        }
        let active = self.active_deployments(id);
        if active != 1 {
            return Err(format!("{id} has {active} active deployments"));
        }
        self.channel_says(id, "ready")?;
        self.checks_say(id, true)
    }

    /// Nothing of an environment is left anywhere.
    pub fn gone(&self, id: &str) -> Result<(), String> {
        let left = self
            .objects_of(id)
            .iter()
            .map(|object| format!("{} {}", object["kind"], object["metadata"]["name"]))
            .collect::<Vec<_>>();
        let records = self.marked_records(id);
        if !left.is_empty() || !records.is_empty() {
            return Err(format!("{id} left {left:?} {records:?}"));
        }
        match self.environment(id).map(|environment| environment.phase) {
            None | Some(Phase::Gone) => {}
            Some(phase) => return Err(format!("{id} is {phase:?}")),
        }
        match self.active_deployments(id) {
            0 => self.channel_says(id, "gone").and_then(|()| self.checks_say(id, false)),
            active => Err(format!("{id} has {active} active deployments")),
        }
    }
}
