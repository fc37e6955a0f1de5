//! CreateUser: a user, with a path, a boundary and tags.

use crate::account::{Entity, User, folded};
use crate::errors;
use crate::ids;
use crate::rules;
use crate::rules::{boundary_exists, path, text};
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{CreateUser, CreateUserInput, CreateUserOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for CreateUser {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateUserInput> = Validation::MODEL;
    type Plan = CreateUserInput;

    fn check(input: CreateUserInput) -> Result<CreateUserInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &CreateUserInput) -> Access<'static> {
        service::need(cx, "iam:CreateUser", &format!("user{}{}", path(&input.path), text(&input.user_name)))
            .tagged(service::tags(&input.tags))
    }

    async fn run(cx: &Cx<'_, Iam>, input: CreateUserInput) -> Result<CreateUserOutput, ApiError> {
        let (name, id) = (text(&input.user_name), ids::draw_unique_id("AIDA", cx.random));
        let tags = rules::tags(&input.tags)?;
        let user = service::change(cx, |account| {
            if let Some(boundary) = &input.permissions_boundary {
                boundary_exists(account, boundary)?;
            }
            if account.users.contains_key(&folded(name)) {
                return Err(errors::exists("User", name));
            }
            let entity = Entity {
                path: path(&input.path),
                name: name.to_owned(),
                id: id.clone(),
                created: service::seconds(cx),
                tags: tags.clone(),
                boundary: input.permissions_boundary.clone(),
                ..Entity::default()
            };
            let user = User { entity, ..User::default() };
            account.users.insert(folded(name), user.clone());
            Ok(user)
        });
        Ok(CreateUserOutput { user: Some(show::user(&user.await?, &cx.caller.account)) })
    }
}
