"""The backend of a small social network on one DynamoDB table."""

from .app import SocialApp
from .errors import AlreadyFollowing, AlreadyLiked, NotFound, SocialError, UsernameTaken

__all__ = ["SocialApp", "SocialError", "NotFound", "UsernameTaken", "AlreadyFollowing", "AlreadyLiked"]
