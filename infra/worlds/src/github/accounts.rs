//! Users, organisations, and the App's own user.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::GitHub;

/// The id of the user that stands for those who are gone.
const GHOST: u64 = 10_137;

/// A user or an organisation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Account {
    id: u64,
    login: String,
    kind: String,
}

impl GitHub {
    /// Makes an organisation; returns its id, also when there is one already.
    pub fn create_organization(&mut self, login: &str) -> u64 {
        self.account_of_kind(login, "Organization")
    }

    /// Makes a user; returns the id, also when there is one already. People who act are made by acting.
    pub fn create_user(&mut self, login: &str) -> u64 {
        self.account_of_kind(login, "User")
    }

    pub(super) fn account_of_kind(&mut self, login: &str, kind: &str) -> u64 {
        let key = login.to_lowercase();
        if let Some(account) = self.accounts.get(&key) {
            return account.id;
        }
        let id = self.next_id();
        self.accounts.insert(key, Account { id, login: login.to_owned(), kind: kind.to_owned() });
        id
    }

    /// The login of the App's own user.
    pub fn bot(&self) -> String {
        format!("{}[bot]", self.app.slug)
    }

    pub(super) fn account(&self, login: &str) -> Option<&Account> {
        self.accounts.get(&login.to_lowercase())
    }

    /// A simple user, as nearly every payload embeds it.
    pub(super) fn user_json(&self, login: &str) -> Value {
        let (api, html) = (&self.settings.api_url, &self.settings.html_url);
        let (id, login, kind) = match self.account(login) {
            Some(account) => (account.id, account.login.as_str(), account.kind.as_str()),
            None => (GHOST, "ghost", "User"),
        };
        json!({
            "login": login,
            "id": id,
            "node_id": format!("U_{id}"),
            "avatar_url": format!("{html}/avatars/u/{id}"),
            "gravatar_id": "",
            "url": format!("{api}/users/{login}"),
            "html_url": format!("{html}/{login}"),
            "type": kind,
            "site_admin": false,
        })
    }

    /// The App as `performed_via_github_app` shows it.
    pub(super) fn app_json(&self) -> Value {
        json!({
            "id": self.app.id, "client_id": self.app.client_id, "slug": self.app.slug, "name": self.app.slug,
        })
    }
}
