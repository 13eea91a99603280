//! Stand-ins for user APIs that people run: in memory, over a real socket, each with the habits of its original.

pub(crate) mod crm;
pub(crate) mod helpdesk;
mod redmine;
mod rocketchat;
pub(crate) mod server;
mod zabbix;
mod zendesk;

/// The stand-in of this name, empty but for what the API always has.
pub(crate) fn named(name: &str) -> Option<Box<dyn server::Api>> {
    match name {
        "crm" => Some(Box::new(crm::Crm::default())),
        "helpdesk" => Some(Box::new(helpdesk::Helpdesk::default())),
        "redmine" => Some(Box::new(redmine::Redmine::default())),
        "rocketchat" => Some(Box::new(rocketchat::RocketChat::default())),
        "zabbix" => Some(Box::new(zabbix::Zabbix::default())),
        "zendesk" => Some(Box::new(zendesk::Zendesk::default())),
        _ => None,
    }
}
