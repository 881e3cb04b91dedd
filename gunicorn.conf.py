"""What gunicorn reads by itself beside its command line."""

# Load the application once, before the workers are forked: a wrong setting is one message, not one a worker.
preload_app = True
# No control socket in the home directory: nothing talks to it, and two servers would share it.
control_socket_disable = True
