"""What the kinds print: modules with `build(request)`, which gathers facts with their citations. Kinds may share one."""
