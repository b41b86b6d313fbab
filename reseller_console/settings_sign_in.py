"""Settings of sign-in that no installation changes; imported by `settings.py`."""

from __future__ import annotations

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "accounts.backends.SignInBackend",
    "accounts.backends.CustomerRoleBackend",
    "subscriptions.access.backend.ResellerAgentBackend",
    "support.backend.SupportPartnerBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Seconds. A link for a password works once, for 72 hours: over a weekend (P11).
PASSWORD_RESET_TIMEOUT = 72 * 60 * 60
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "accounts.links.LinkTokens"  # noqa: S105  a class
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"

ACCOUNT_ADAPTER = "accounts.sign_in.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "web.personal.forms.SignInForm",
    "reset_password": "web.personal.forms.PasswordResetForm",
    "user_token": "web.personal.forms.PasswordLinkForm",
    "change_password": "web.personal.forms.OwnPasswordForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
# allauth's defaults (5 failures per address in 5 minutes, 10 per IP a minute), with sign-in capped too.
# Help feedback is counted the same way: more than a few answers an hour are not one person reading.
# So are identifiers of resellers and transfer tokens that nobody has: enough for people who mistype, too few to try.
ACCOUNT_RATE_LIMITS = {
    # Counted by web/personal/sign_in.py instead, which knows browsers too.
    "login": None,
    "sign_in": "30/m/ip",
    "sign_in_known_browser": "30/m/key",
    "login_failed": "10/m/ip,5/5m/key",
    # P14: a browser that has signed in as this person before, by itself.
    "login_failed_known_browser": "5/5m/key",
    # Nobody guesses the key of a link, and nobody at the same IP address keeps others from using theirs.
    "reset_password_from_key": None,
    "passkey_asked": "120/m/ip",
    # P15: the first step of a sign-in, which may ask a provider, and coming back from one.
    "address_typed": "60/m/ip",
    "provider_came_back": "60/m/ip",
    "provider_asked": "30/h/user",
    "help_feedback": "5/h/user",
    "unknown_reseller": "20/h/user",
    "unknown_transfer_token": "20/h/user",
    "taken_domain": "20/h/user",
    # P15: nobody guesses one; a program whose token has ended does not keep the database busy.
    "unknown_scim_token": "60/m/ip",
    # X3: the same of machines, and what they sign for a token.
    "unknown_api_token": "60/m/ip",
    "wrong_assertion": "60/m/ip",
    "console_entered": "60/h/user",
}
# P12: a second factor. A passkey asks for a PIN, a finger or a face each time it is used, so that it is two factors by
# itself, and can be the only step of a sign-in (docs/decisions/0037-a-passkey-is-two-factors.md).
MFA_ADAPTER = "accounts.sign_in.factor_adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
# Sending a passkey; asking for one is "passkey_asked".
MFA_RATE_LIMITS = {"webauthn_login": "30/m/ip"}
# X7: applications that people allow to act for them. No other way to become one than an admin's page.
IDP_OIDC_ADAPTER = "accounts.applications.adapter.OidcAdapter"
IDP_OIDC_DCR_ENABLED = IDP_OIDC_CIMD_ENABLED = IDP_OIDC_INTROSPECTION_ENABLED = False
# P15: the providers of organisations (accounts/single_sign_on/).
SOCIALACCOUNT_ADAPTER = "accounts.single_sign_on.outgoing.ProviderAdapter"
USERSESSIONS_TRACK_ACTIVITY = True
USERSESSIONS_ADAPTER = "accounts.sign_in.adapter.SessionsAdapter"
SESSION_ENGINE = "accounts.console_sessions.browser_sessions"

# Guardian: staffing only, no anonymous user, direct foreign keys (accounts/models/staffing.py).
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_MONKEY_PATCH_GROUP = False
SILENCED_SYSTEM_CHECKS = [
    # Guardian's backend is left out on purpose: it would answer questions that only
    # accounts/staffing.py may ask (docs/authorization.md).
    "guardian.W001",
    # `{% lucide %}` is ours, in the place of the package's tag: it draws each icon once (web/templatetags/icons.py).
    "templates.W003",
]
