# What alembic reads.
