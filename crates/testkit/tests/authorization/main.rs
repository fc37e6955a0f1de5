//! Authorization with verified signatures: users with policies, their keys, sessions of roles; on two
//! servers over one store, so that what is changed on one holds on the other at once.

mod context;
mod keys;
mod resources;
mod sessions;
mod tags;
mod users;
mod web_identity;
mod world;
