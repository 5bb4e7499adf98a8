include $(sort $(wildcard $(BR2_EXTERNAL_TIERCEL_PATH)/package/*/*.mk))
