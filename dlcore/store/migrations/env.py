"""How alembic reaches the store: over the connection that :func:`dlcore.store.database.migrate` holds."""

from alembic import context

from dlcore.store.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
