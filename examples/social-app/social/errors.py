"""What can go wrong, in the application's own words. No botocore error leaves the package for these."""


class SocialError(Exception):
    """Anything the application refuses."""


class UsernameTaken(SocialError):
    """Somebody else has the name already."""


class NotFound(SocialError):
    """The user, post or relation is not (or no longer) there."""


class AlreadyFollowing(SocialError):
    """The follower follows this user already."""


class AlreadyLiked(SocialError):
    """The user likes this post already."""
