"""Pages and endpoints: a folder of routes, templates and scripts for each subject; `create_app` registers each."""
